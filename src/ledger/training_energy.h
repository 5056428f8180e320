// The energy of a stretch of training, from what the device counted for its kernels, and the static
// power of the time between them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "isobar/cl_isobar.h"
#include "ledger/energy_part.h"

namespace isobar::ledger {

static_assert(kEnergyParts == CL_ISOBAR_ENERGY_COUNT, "one list of parts, two headers");

struct TrainingEnergy {
  std::array<double, kEnergyParts> joules{};  // by part
  double seconds = 0;
  std::uint64_t tokens = 0;

  [[nodiscard]] double total() const;
  [[nodiscard]] double watts() const { return seconds > 0 ? total() / seconds : 0; }
  [[nodiscard]] double joules_per_token() const {
    return tokens > 0 ? total() / static_cast<double>(tokens) : 0;
  }
};

/// Whether there is something to say: the chip describes energy, and the timed machine counted.
[[nodiscard]] bool has_energy(std::span<const cl_isobar_kernel_row> kernels,
                              const cl_isobar_chip& chip);
[[nodiscard]] TrainingEnergy training_energy(std::span<const cl_isobar_kernel_row> kernels,
                                             const cl_isobar_chip& chip,
                                             std::uint64_t device_picoseconds,
                                             std::uint64_t tokens);

}  // namespace isobar::ledger
