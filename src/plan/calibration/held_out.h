// How far predictions are off where the calibration has not been: measured by leaving out of the
// fit, one after the other, each generation of chips, each chip, each class of runs and each number
// format of a generation, and the largest runs, and predicting what was left out. The quantiles of
// what is missed are the intervals of runs that are unlike the fitted ones in that way
// (interval.h).
//
// A judge's runs (others than the fitted ones) say how often such intervals hold: each group's with
// the interval that the other groups of its kind set. References: Barber, Candes, Ramdas and
// Tibshirani, Conformal prediction beyond exchangeability, 2023.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/calibration/fit.h"

namespace isobar::plan {

/// What is left out together.
struct HeldOut {
  Beyond beyond = Beyond::kChip;
  std::string what;                                // "hopper", "a100-40gb", "dense on ampere"
  std::function<bool(const RunSetting&)> is_part;  // of a run as it stands
};
/// Groups that leave at least eight runs on either side.
[[nodiscard]] std::vector<HeldOut> held_out_groups(const std::vector<RunSetting>& runs);

/// How often the intervals of one kind held runs that had no part in them.
struct HeldOutCoverage {
  Beyond beyond = Beyond::kChip;
  std::size_t rows = 0, covered = 0;
  double median_percent = 0;  // absolute error
};

/// Sets `beyond` of the coefficients, kind by kind, where its groups hold at least eight runs; the
/// rest stays. `progress` is told each group. Both halves must be modelled runs; `judge` may be
/// empty.
[[nodiscard]] std::vector<HeldOutCoverage> calibrate_beyond(
    const std::vector<RunSetting>& runs, const std::vector<RunSetting>& judge, FitOptions options,
    Coefficients& coefficients, const std::function<void(const std::string&)>& progress);

}  // namespace isobar::plan
