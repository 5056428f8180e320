// Fits the coefficients to measured runs: coordinate descent inside each coefficient's plausible
// range on the mean absolute logarithm of predicted / measured, each class of runs (one node,
// dense, experts) weighing the same and each family within it the square root of its rows, so that
// a large one does not drown the others; with a weak pull to the start.
//
// References: least absolute deviations are chosen for their indifference to a few wrong rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/calibration/predict.h"

namespace isobar::plan {

struct FitOptions {
  unsigned rounds = 12;
  double pull = 0.002;            // objective per relative step of one whole range from the start
  std::vector<std::string> held;  // coefficients that were measured otherwise, and stay
};

struct FitResult {
  Coefficients coefficients;
  double before = 0, after = 0;  // objective
};

/// Throws UserError for a name that no coefficient has, with those that are near.
void check_held(const std::vector<std::string>& held);

/// `progress` is told after each round.
[[nodiscard]] FitResult fit(const std::vector<RunSetting>& runs, const Coefficients& start,
                            const FitOptions& options,
                            const std::function<void(unsigned, double)>& progress);

/// FNV-1a.
[[nodiscard]] std::uint32_t hash_of_id(std::string_view id);
/// Half of the runs, by the parity of a hash of their id: the one that is fitted.
[[nodiscard]] bool in_fitted_half(std::string_view id);

}  // namespace isobar::plan
