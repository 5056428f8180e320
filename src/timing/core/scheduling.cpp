// References: Rogers, O'Connor, Aamodt, "Cache-Conscious Wavefront Scheduling", MICRO 2012
// (greedy-then-oldest); Narasiman et al., "Improving GPU Performance via Large Warps and Two-Level
// Warp Scheduling", MICRO 2011 (two-level).
#include "timing/core/scheduling.h"

#include <bit>

namespace isobar::timing {
namespace {

constexpr int kInnerSet = 8;

unsigned oldest(std::uint64_t mask, const std::uint64_t* age) {
  auto best = static_cast<unsigned>(std::countr_zero(mask));
  for (std::uint64_t left = mask & (mask - 1); left != 0; left &= left - 1) {
    const auto warp = static_cast<unsigned>(std::countr_zero(left));
    if (age[warp] < age[best]) best = warp;
  }
  return best;
}

/// The first warp of the mask after `last`, around.
unsigned next_after(std::uint64_t mask, unsigned last) {
  const std::uint64_t above = last == 63 ? 0 : mask >> (last + 1) << (last + 1);
  return static_cast<unsigned>(std::countr_zero(above != 0 ? above : mask));
}

/// The warp that issued last as long as it can, then the one that came first.
unsigned greedy_then_oldest(const Candidates& c) {
  if ((c.mask >> c.last & 1U) != 0) return c.last;
  return oldest(c.mask, c.age);
}

/// The next one that can, in turn.
unsigned loose_round_robin(const Candidates& c) { return next_after(c.mask, c.last); }

/// Round robin within a small set; a warp outside it comes in when none inside can issue, for the
/// one that has been stalled there.
unsigned two_level(const Candidates& c) {
  *c.active &= c.resident;
  if ((*c.active & c.mask) == 0) {
    const unsigned newcomer = oldest(c.mask, c.age);
    if (std::popcount(*c.active) >= kInnerSet) *c.active &= *c.active - 1;
    *c.active |= std::uint64_t{1} << newcomer;
    return newcomer;
  }
  return next_after(*c.active & c.mask, c.last);
}

}  // namespace

Policy policy_of(chip::Scheduling scheduling) {
  switch (scheduling) {
    case chip::Scheduling::kGreedyThenOldest:
      return greedy_then_oldest;
    case chip::Scheduling::kLooseRoundRobin:
      return loose_round_robin;
    case chip::Scheduling::kTwoLevel:
      return two_level;
  }
  return greedy_then_oldest;
}

}  // namespace isobar::timing
