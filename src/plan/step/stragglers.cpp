#include "plan/step/stragglers.h"

#include <cmath>
#include <numbers>

namespace isobar::plan {
namespace {

/// Where a normal draw is exceeded with probability q < 0.5, by Newton's method on the logarithm of
/// its tail: that is concave, so that it closes in from the right.
double normal_exceeded(double q) {
  double x = std::sqrt(-2 * std::log(q));
  for (int i = 0; i < 8; ++i) {
    const double tail = 0.5 * std::erfc(x / std::sqrt(2.0));
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    x += std::log(tail / q) * tail / density;
  }
  return x;
}

/// The mean of the largest of n standard normal draws (Blom, 1958).
double largest_of(std::uint64_t n) {
  if (n <= 1) return 0;
  return normal_exceeded(0.625 / (static_cast<double>(n) + 0.25));
}

}  // namespace

double straggler_factor(const Jitter& jitter, std::uint64_t chips) {
  // k parts of a step have deviations of 1 / root k each, and each waits for its slowest.
  return 1 + jitter.deviation * largest_of(chips) * std::sqrt(jitter.synchronisations);
}

}  // namespace isobar::plan
