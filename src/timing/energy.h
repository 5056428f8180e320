// What a launch's events cost: the counts of the timed machine times the energies in the chip file
// ([energy]). A cost per event and a static power, as in AccelWattch (Kandiah et al., MICRO 2021);
// left out: what the data are, clock gating of idle units, voltage and temperature.
#pragma once

#include <array>
#include <cstdint>

#include "chip/chip.h"
#include "ledger/energy_part.h"
#include "simt/counters.h"
#include "timing/cycle_totals.h"

namespace isobar::timing {

using ledger::EnergyPart;
using ledger::kEnergyParts;

/// Whole picojoules, so that sums do not depend on their order.
struct Energy {
  std::array<std::uint64_t, kEnergyParts> picojoules{};
  Energy& operator+=(const Energy& other);
  [[nodiscard]] std::uint64_t total() const;
  [[nodiscard]] std::uint64_t of(EnergyPart part) const {
    return picojoules[static_cast<std::size_t>(part)];
  }
};

/// Zero where the chip file describes no energy.
[[nodiscard]] Energy energy_of(const chip::Chip& chip, const simt::Counters& counters,
                               const CycleTotals& cycles, Picoseconds time);

}  // namespace isobar::timing
