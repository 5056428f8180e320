// Coefficients of the tile-and-wave model from kernels that somebody measured. Each is searched in
// its own range, one after the other, until the mean absolute logarithm of modelled over measured
// time falls no more; a coefficient that no row depends on stays as it was.
#pragma once

#include <span>
#include <string_view>

#include "plan/kernel/kernel_table.h"
#include "plan/kernel/tile_wave_cost.h"

namespace isobar::plan {

struct KernelCoefficientRow {
  std::string_view name;
  double KernelCoefficients::* field;
  double low, high;  // plausible
  std::string_view meaning;
};
[[nodiscard]] std::span<const KernelCoefficientRow> kernel_coefficient_rows();

/// exp(mean |log(modelled / known)|) - 1: 0.05 is five percent, either way. 0 of no rows.
[[nodiscard]] double kernel_error(const KernelCost& cost, std::span<const KnownKernel> known);

/// Deterministic. Throws UserError if there are no rows.
[[nodiscard]] KernelCoefficients fit_kernels(const ChipUnits& units,
                                             std::span<const KnownKernel> known,
                                             KernelCoefficients start = {});

}  // namespace isobar::plan
