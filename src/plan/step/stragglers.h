// The slowest of many chips: each waits at every synchronisation for the one that drew worst.
// Reference: Blom, Statistical Estimates and Transformed Beta-Variables, 1958 (the mean of the
// largest of n normal draws).
#pragma once

#include <cstdint>

namespace isobar::plan {

/// How far the chips of a step differ.
struct Jitter {
  double deviation = 0;  // standard deviation of one chip's time for a step, over that time;
                         // normal, and independent from chip to chip and within the step
  std::uint32_t synchronisations = 1;  // of all chips per step, evenly spaced
};
/// Expected time of a step over the mean chip's: at each synchronisation all wait for the largest
/// of `chips` normal draws. Grows as the root of the logarithm of their number, and as the root of
/// the number of synchronisations.
[[nodiscard]] double straggler_factor(const Jitter& jitter, std::uint64_t chips);

}  // namespace isobar::plan
