// A scheduler's way back to its registers, where that is one result per cycle: whoever is ready
// takes the first cycle that nobody has taken. A load takes one for each answer of its memory, and
// while they pass, other results wait. Priorities are those of asking: a load's cycles are taken
// when its answers are known to come, which is before most of the results they delay are issued.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"

namespace isobar::timing {

class WritePort {
 public:
  /// The cycle in which a result that is ready at `cycle` is written.
  Cycles take(Cycles cycle) {
    while (taken_[cycle % kSpan] == cycle) cycle += Cycles(1);
    taken_[cycle % kSpan] = cycle;
    return cycle;
  }

 private:
  static constexpr Cycles kSpan{4096};  // no two results are further apart when they ask
  std::array<Cycles, kSpan.count()> taken_{};
};

}  // namespace isobar::timing
