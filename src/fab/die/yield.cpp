#include "fab/die/yield.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace isobar::fab {
namespace {

/// Expected defects on an area in mm2, of a density per cm2.
double expected(double area, double defects) { return area * defects / 100; }

/// P(at most `spare` of `count` fail), each with probability p.
double at_most(std::uint32_t spare, std::uint32_t count, double p) {
  if (p <= 0) return 1;
  double term = std::pow(1 - p, static_cast<double>(count));
  double sum = term;
  for (std::uint32_t k = 0; k < spare && term > 0; ++k) {
    term *= static_cast<double>(count - k) / (k + 1.0) * p / (1 - p);
    sum += term;
  }
  return std::min(sum, 1.0);
}

}  // namespace

double poisson_yield(double area, double defects) { return std::exp(-expected(area, defects)); }

double murphy_yield(double area, double defects) {
  const double x = expected(area, defects);
  if (x < 1e-6) return 1 - x;  // the limit, where the quotient loses its digits
  const double root = -std::expm1(-x) / x;
  return root * root;
}

double negative_binomial_yield(double area, double defects, double alpha) {
  return std::pow(1 + expected(area, defects) / alpha, -alpha);
}

double harvested_yield(const HarvestedDie& die, double defects, double alpha) {
  const std::uint32_t spare = die.cores - die.needed;
  if (spare == 0)
    return negative_binomial_yield(die.core_area * die.cores + die.other_area, defects, alpha);
  // Over u = (density / mean)^(alpha/2), which takes the gamma density's pole at zero away for
  // alpha below one; composite Simpson up to where the tail is below 1e-9.
  constexpr int kSteps = 400;
  const double reach = (alpha + 10 * std::sqrt(alpha) + 30) / alpha;
  const double power = std::min(alpha / 2, 1.0);
  const double top = std::pow(reach, power);
  const double norm = alpha * std::log(alpha) - std::lgamma(alpha);
  double sum = 0;
  for (int i = 1; i <= kSteps; ++i) {
    const double u = top * i / kSteps;
    const double t = std::pow(u, 1 / power);
    const double density = std::exp(norm + (alpha - 1) * std::log(t) - alpha * t);
    const double jacobian = t / (u * power);
    const double hit = -std::expm1(-expected(die.core_area, defects * t));
    const double works =
        poisson_yield(die.other_area, defects * t) * at_most(spare, die.cores, hit);
    const double weight = i == kSteps ? 1 : (i % 2 == 1 ? 4 : 2);
    sum += weight * density * jacobian * works;
  }
  return std::min(sum * top / kSteps / 3, 1.0);
}

double dies_per_wafer(double width, double height, const WaferConstants& wafer) {
  const double usable = wafer.diameter.value - 2 * wafer.edge.value;
  const double area = (width + wafer.scribe.value) * (height + wafer.scribe.value);
  const double rim = std::numbers::pi * usable / std::sqrt(2 * area);
  return std::max(0.0, std::numbers::pi * usable * usable / 4 / area - rim);
}

std::uint32_t counted_dies(double width, double height, const WaferConstants& wafer) {
  const double radius = wafer.diameter.value / 2 - wafer.edge.value;
  const double step_x = width + wafer.scribe.value, step_y = height + wafer.scribe.value;
  // A column narrower than a micrometre is no die's; more of them than an int holds would not end.
  if (!(step_x >= 1e-3 && step_y >= 1e-3)) return 0;
  const int columns = static_cast<int>(radius / step_x) + 2;
  constexpr int kPlacements = 16;
  std::uint32_t best = 0;
  for (int a = 0; a < kPlacements; ++a)
    for (int b = 0; b < kPlacements; ++b) {
      const double shift_x = step_x * a / kPlacements, shift_y = step_y * b / kPlacements;
      std::uint32_t count = 0;
      for (int i = -columns; i < columns; ++i) {
        // The lower left corner of a die; the column's dies fit between two heights.
        const double left = i * step_x + shift_x;
        const double far = std::max(std::abs(left), std::abs(left + width));
        if (far >= radius) continue;
        const double half = std::sqrt(radius * radius - far * far);
        const double first = std::ceil((-half - shift_y) / step_y);
        const double last = std::floor((half - height - shift_y) / step_y);
        if (last >= first) count += static_cast<std::uint32_t>(last - first) + 1;
      }
      best = std::max(best, count);
    }
  return best;
}

bool fits_reticle(double area, const WaferConstants& wafer) { return area <= wafer.reticle.value; }

}  // namespace isobar::fab
