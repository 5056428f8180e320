#include "fab/die/area_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace isobar::fab {
namespace {

constexpr std::size_t kCount = std::tuple_size_v<FittedConstants>;
using Row = std::array<double, kCount + 1>;  // a linear equation and its right-hand side

/// Gaussian elimination with the largest pivot.
FittedConstants solve(std::array<Row, kCount> rows) {
  for (std::size_t column = 0; column < kCount; ++column) {
    const auto largest = std::max_element(
        rows.begin() + static_cast<std::ptrdiff_t>(column), rows.end(),
        [&](const Row& a, const Row& b) { return std::abs(a[column]) < std::abs(b[column]); });
    if (std::abs((*largest)[column]) < 1e-40)
      fail("the dies do not determine the area model's constants (add dies of other kinds)");
    std::swap(rows[column], *largest);
    for (std::size_t row = 0; row < kCount; ++row) {
      if (row == column) continue;
      const double factor = rows[row][column] / rows[column][column];
      for (std::size_t i = column; i <= kCount; ++i) rows[row][i] -= factor * rows[column][i];
    }
  }
  FittedConstants x{};
  for (std::size_t i = 0; i < kCount; ++i) x[i] = rows[i][kCount] / rows[i][i];
  return x;
}

}  // namespace

void set_fitted(AreaConstants& constants, const FittedConstants& values) {
  constants.issue_slot.value = values[0];
  constants.crosspoint.value = values[1];
  constants.ray_unit.value = values[2];
  constants.shared.value = values[3];
}

FittedConstants fitted_of(const AreaConstants& constants) {
  return {constants.issue_slot.value, constants.crosspoint.value, constants.ray_unit.value,
          constants.shared.value};
}

double estimated_area(const PublishedDie& die, const Constants& constants) {
  const chip::Floorplan& plan = die.sheet.floorplan;
  return estimate_area(plan, *constants.node(*die.sheet.process.node),
                       *constants.interface(*plan.memory_interface), constants.area)
      .total;
}

FittedConstants fit_area(std::span<const PublishedDie> dies, const Constants& constants) {
  Constants probe = constants;
  const auto area_with = [&](const PublishedDie& die, const FittedConstants& values) {
    set_fitted(probe.area, values);
    return estimated_area(die, probe);
  };
  std::array<Row, kCount> normal{};
  for (const PublishedDie& die : dies) {
    // The model is linear: its columns are its answers to unit vectors.
    const double published = (*die.sheet.die.area).count();
    const double base = area_with(die, {});
    Row row{};
    row[kCount] = 1 - base / published;
    for (std::size_t i = 0; i < kCount; ++i) {
      FittedConstants unit{};
      unit[i] = 1;
      row[i] = (area_with(die, unit) - base) / published;
    }
    for (std::size_t i = 0; i < kCount; ++i)
      for (std::size_t j = 0; j <= kCount; ++j) normal[i][j] += row[i] * row[j];
  }
  return solve(normal);
}

std::vector<double> predicted_unseen(std::span<const PublishedDie> dies,
                                     const Constants& constants) {
  std::vector<double> areas;
  Constants fitted = constants;
  for (std::size_t left_out = 0; left_out < dies.size(); ++left_out) {
    std::vector<PublishedDie> others(dies.begin(), dies.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(left_out));
    set_fitted(fitted.area, fit_area(others, constants));
    areas.push_back(estimated_area(dies[left_out], fitted));
  }
  return areas;
}

}  // namespace isobar::fab
