// The front end of one warp, on a core that takes several cycles to fetch an instruction: a fetch
// begins when the one before it is through and its place in the buffer is free, that is when the
// instruction that was in it has issued.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/units.h"

namespace isobar::timing {

class FetchBuffer {
 public:
  static constexpr std::uint32_t kMostPlaces = 16;

  /// Everything that was fetched is dropped: the next instruction is there at `cycle`.
  void restart(Cycles cycle) { fetched_ = cycle; }
  /// An instruction issues. Gives the cycle in which the one behind it is there, where a fetch
  /// takes `interval` cycles and `places` instructions wait at most.
  Cycles issue(Cycles now, Cycles interval, std::uint32_t places) {
    issued_at_[issues_++ % places] = now;
    const Cycles place_free = issues_ < places ? Cycles() : issued_at_[issues_ % places];
    fetched_ = std::max(fetched_, place_free) + interval;
    return fetched_;
  }

 private:
  Cycles fetched_;  // when the next instruction was there
  std::uint64_t issues_ = 0;
  std::array<Cycles, kMostPlaces> issued_at_{};  // of the last ones, in a ring
};

}  // namespace isobar::timing
