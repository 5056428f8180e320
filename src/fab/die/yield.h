// How many dies a wafer holds and how many of them work.
//
// Yield: Poisson (defects fall independently), Murphy (their density varies over a triangle) and
// the negative binomial (it varies over a gamma distribution; alpha small: clustered). A chip with
// spare cores works when few enough cores are hit and nothing else is. Left out: parametric loss,
// systematic defects, and repair within memories.
// References: B. T. Murphy, Proc. IEEE 52, 1964; C. H. Stapper, IBM J. Res. Dev. 27, 1983.
#pragma once

#include <cstdint>

#include "fab/constants/constants.h"

namespace isobar::fab {

/// Of a die of `area` mm2 at `defects` per cm2.
[[nodiscard]] double poisson_yield(double area, double defects);
[[nodiscard]] double murphy_yield(double area, double defects);
[[nodiscard]] double negative_binomial_yield(double area, double defects, double alpha);

/// A die of `cores` equal cores of which `needed` must work, and the rest of it, which must.
struct HarvestedDie {
  double core_area = 0, other_area = 0;  // mm2
  std::uint32_t cores = 0, needed = 0;
};
/// Under the negative binomial: all parts of a die share one draw of the density. Integrated
/// numerically, to about 1e-5.
[[nodiscard]] double harvested_yield(const HarvestedDie& die, double defects, double alpha);

/// Dies of `width` x `height` mm on a wafer: the usual closed form, usable area over the die's with
/// its scribe lines, less the rim, which grows with the circumference. At least 0. Up to a tenth
/// below the count for dies of the reticle's size.
[[nodiscard]] double dies_per_wafer(double width, double height, const WaferConstants& wafer);
/// The same counted: whole dies of the best of sixteen by sixteen placements of the grid.
[[nodiscard]] std::uint32_t counted_dies(double width, double height, const WaferConstants& wafer);
/// Does one exposure hold the die? A 26 mm x 33 mm field, either way round.
[[nodiscard]] bool fits_reticle(double area, const WaferConstants& wafer);

}  // namespace isobar::fab
