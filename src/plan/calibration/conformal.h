// Intervals from residuals of runs that a fit did not see (cross-conformal prediction: Vovk,
// Cross-conformal predictors, 2015). The runs are dealt to folds; each fold is predicted with
// coefficients fitted to the others, and the interval of a class of runs lies between quantiles of
// measured over predicted. Runs of one source resemble each other, so that a source counts as the
// root of its runs (Barber et al., Conformal prediction beyond exchangeability, 2023: weighted
// quantiles).
//
// Left out: that some runs of a class are harder to predict than others.
#pragma once

#include <functional>
#include <vector>

#include "plan/calibration/fit.h"

namespace isobar::plan {

/// Fewer runs than this set no interval.
inline constexpr std::size_t kFewestResiduals = 8;
/// For a promise of 80 %: folds hold rows of every source, while a source that nobody has seen is
/// further off.
inline constexpr double kAimedShare = 0.84;

/// Sets the spread of each class with at least eight runs, so that it holds 84 % of runs like them:
/// 80 % of others.
/// Each fold's coefficients are fitted again, from `coefficients`; `progress` is told after each.
void calibrate_spread(const std::vector<RunSetting>& runs, FitOptions options,
                      Coefficients& coefficients, const std::function<void(unsigned)>& progress);

struct Residual {
  double ratio = 1;  // measured / predicted
  double weight = 1;
};
/// Measured over predicted of the chosen runs; a source's runs together weigh the root of their
/// number.
[[nodiscard]] std::vector<Residual> weighed(const std::vector<const RunSetting*>& runs,
                                            const std::vector<double>& ratios);
/// Between these lie `share` of new draws, half of the others on either side: weighted quantiles,
/// moved outward by one draw, and at most the outermost.
[[nodiscard]] Coefficients::Spread conformal_spread(std::vector<Residual> residuals, double share);

}  // namespace isobar::plan
