// The four constants of the area model that nobody publishes, fitted to published dies: least
// squares of the relative error. Fitting on all dies but one and predicting that one says how far
// the model can be trusted on a die it has never seen.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "fab/die/area.h"

namespace isobar::fab {

/// In this order: issue_slot, crosspoint, ray_unit, shared.
using FittedConstants = std::array<double, 4>;

void set_fitted(AreaConstants& constants, const FittedConstants& values);
[[nodiscard]] FittedConstants fitted_of(const AreaConstants& constants);
/// Throws UserError where the dies do not determine all four.
[[nodiscard]] FittedConstants fit_area(std::span<const PublishedDie> dies,
                                       const Constants& constants);
[[nodiscard]] double estimated_area(const PublishedDie& die, const Constants& constants);
/// Each die's area as the model predicts it when fitted on all others.
[[nodiscard]] std::vector<double> predicted_unseen(std::span<const PublishedDie> dies,
                                                   const Constants& constants);

}  // namespace isobar::fab
