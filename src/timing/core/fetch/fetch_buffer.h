// The front end of one warp, on a core that takes several cycles to fetch an instruction: a fetch
// begins when the one before it is through and its place in the buffer is free, that is when the
// instruction that was in it has issued.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace isobar::timing {

class FetchBuffer {
 public:
  static constexpr std::uint32_t kMostPlaces = 16;

  /// Everything that was fetched is dropped: the next instruction is there at `cycle`.
  void restart(std::uint64_t cycle) { fetched_ = cycle; }
  /// An instruction issues. Gives the cycle in which the one behind it is there, where a fetch
  /// takes `interval` cycles and `places` instructions wait at most.
  std::uint64_t issue(std::uint64_t now, std::uint32_t interval, std::uint32_t places) {
    issued_at_[issues_++ % places] = now;
    const std::uint64_t place_free = issues_ < places ? 0 : issued_at_[issues_ % places];
    fetched_ = std::max(fetched_, place_free) + interval;
    return fetched_;
  }

 private:
  std::uint64_t fetched_ = 0;  // when the next instruction was there
  std::uint64_t issues_ = 0;
  std::array<std::uint64_t, kMostPlaces> issued_at_{};  // of the last ones, in a ring
};

}  // namespace isobar::timing
