// Between the chip's clock and picoseconds, in which DRAM is timed: the two clocks have no common
// multiple. A cycle begins at a whole picosecond (rounded down); an instant belongs to the first
// cycle that begins no earlier, so that nothing arrives before it happened.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace isobar::timing {

class ClockCrossing {
 public:
  explicit ClockCrossing(Hertz clock)
      : period_(static_cast<std::uint64_t>(1e12 / clock.count() * kOne)),
        frequency_(static_cast<std::uint64_t>(clock.count() / 1e12 * kOneTimesOne)) {}

  [[nodiscard]] Picoseconds begin_of(Cycles cycle) const {
    return Picoseconds(multiply(cycle.count(), period_, 32));
  }
  [[nodiscard]] Cycles first_after(Picoseconds time) const {
    // The product is off by a cycle at most, for any time that a simulation reaches.
    std::uint64_t cycle = multiply(time.count(), frequency_, 48);
    while (begin_of(Cycles(cycle)) < time) ++cycle;
    while (cycle > 0 && begin_of(Cycles(cycle - 1)) >= time) --cycle;
    return Cycles(cycle);
  }

 private:
  static constexpr double kOne = 0x1p32, kOneTimesOne = 0x1p48;
  static std::uint64_t multiply(std::uint64_t a, std::uint64_t b, unsigned shift) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> shift);
  }

  std::uint64_t period_;     // picoseconds per cycle, 32 binary places
  std::uint64_t frequency_;  // cycles per picosecond, 48 binary places
};

}  // namespace isobar::timing
