// How a warp scheduler picks among the warps that could issue. A policy is one function; the
// chip file names it.
#pragma once

#include <cstdint>

#include "chip/chip.h"

namespace isobar::timing {

/// What a policy may look at. Warps are numbered within their scheduler, 0 to 63.
struct Candidates {
  std::uint64_t mask = 0;              // who could issue now; never 0
  std::uint64_t resident = 0;          // who is there at all
  unsigned last = 0;                   // who issued last
  const std::uint64_t* age = nullptr;  // smaller: dispatched earlier
  std::uint64_t* active = nullptr;     // the two-level policy's inner set
};

using Policy = unsigned (*)(const Candidates& candidates);

[[nodiscard]] Policy policy_of(chip::Scheduling scheduling);

}  // namespace isobar::timing
