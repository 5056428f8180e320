// What launches took on the timed machine, as numbers that can be summed over launches and scaled
// to another amount of the same work: the form in which cycles leave timing/.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "timing/cause.h"
#include "timing/core/load_store/load_store_unit.h"
#include "timing/memory/memory_system.h"

namespace isobar::timing {

struct LaunchTimes;

struct CycleTotals {
  Cycles cycles;               // of the chip, launch latency included
  std::uint64_t capacity = 0;  // cycles x cores x schedulers x lanes; the charges sum to it
  CauseCharges charges{};
  std::uint64_t warp_instructions = 0;
  std::uint64_t resident_warp_cycles = 0;
  LoadStoreEvents first_level;
  MemoryEvents memory;

  CycleTotals& operator+=(const CycleTotals& other);
  [[nodiscard]] std::uint64_t charged() const;
  [[nodiscard]] std::int64_t unattributed() const {
    return static_cast<std::int64_t>(capacity - charged());
  }
};

[[nodiscard]] CycleTotals totals_of(const LaunchTimes& times);

/// The same kind of work, but `warp_instructions` of it: what comes once per launch (its latency
/// and its tail) stays, the rest grows or shrinks in proportion. The charges sum exactly.
[[nodiscard]] CycleTotals scaled(const CycleTotals& totals, std::uint64_t warp_instructions);

/// The same in so many cycles: what comes once per launch stays, the rest takes up the difference.
[[nodiscard]] CycleTotals with_time(const CycleTotals& totals, double cycles);

/// The mean of `count` launches' sum; the charges still sum to the capacity.
[[nodiscard]] CycleTotals mean(const CycleTotals& sum, std::uint64_t count);

/// Cycles that scaled() leaves as they are.
[[nodiscard]] double fixed_cycles(const CycleTotals& totals);

}  // namespace isobar::timing
