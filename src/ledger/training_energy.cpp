#include "ledger/training_energy.h"

#include <algorithm>
#include <numeric>

namespace isobar::ledger {

double TrainingEnergy::total() const { return std::accumulate(joules.begin(), joules.end(), 0.0); }

bool has_energy(std::span<const cl_isobar_kernel_row> kernels, const cl_isobar_chip& chip) {
  return chip.describes_energy != 0 && std::ranges::any_of(kernels, [](const auto& row) {
           return row.counters.cycle_capacity > 0;
         });
}

TrainingEnergy training_energy(std::span<const cl_isobar_kernel_row> kernels,
                               const cl_isobar_chip& chip, std::uint64_t device_picoseconds,
                               std::uint64_t tokens) {
  constexpr double kPico = 1e-12;
  TrainingEnergy energy;
  energy.seconds = static_cast<double>(device_picoseconds) * kPico;
  energy.tokens = tokens;
  std::uint64_t busy = 0;
  std::array<std::uint64_t, kEnergyParts> sums{};
  for (const cl_isobar_kernel_row& row : kernels) {
    busy += row.counters.device_picoseconds;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row.counters.energy_picojoules[i];
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    energy.joules[i] = static_cast<double>(sums[i]) * kPico;
  if (busy < device_picoseconds)
    energy.joules[CL_ISOBAR_ENERGY_STATIC] +=
        static_cast<double>(device_picoseconds - busy) * kPico * chip.static_watts;
  return energy;
}

}  // namespace isobar::ledger
