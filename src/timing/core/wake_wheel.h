// When the warps of one scheduler may go on. Most wait for a few cycles, for a pipe's result or a
// hit: a wheel with one place per cycle finds those that are due without looking at the others. The
// few that wait longer than a turn are kept beside it and come onto the wheel in time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/units.h"

namespace isobar::timing {

class WakeWheel {
 public:
  static constexpr Cycles kNever{~std::uint64_t{0}};

  /// A warp, of 64, that is not waiting.
  void add(unsigned warp, Cycles cycle) {
    next_ = std::min(next_, cycle);
    if (cycle < begin_) {
      overdue_ |= bit(warp);
    } else if (cycle - begin_ < kTurn) {
      place(warp, cycle);
    } else {
      far_ |= bit(warp);
      far_until_[warp] = cycle;
    }
  }
  /// The first cycle that a warp waits for.
  [[nodiscard]] Cycles next() const { return next_; }
  /// Takes all that wait for `now` or a cycle before it; `now` never goes back.
  std::uint64_t take(Cycles now) {
    std::uint64_t due = overdue_;
    overdue_ = 0;
    if (const std::uint64_t places = filled_until(now); places != 0) {
      for (std::uint64_t left = places; left != 0; left &= left - 1)
        due |= warps_[static_cast<unsigned>(std::countr_zero(left))];
      filled_ &= ~places;
    }
    begin_ = now + Cycles(1);
    if (far_ != 0) due |= bring_nearer(now);
    plan();
    return due;
  }

 private:
  static constexpr Cycles kTurn{64};
  static constexpr std::uint64_t bit(unsigned number) { return std::uint64_t{1} << number; }

  /// The places with warps of the cycles from begin_ to `now`.
  [[nodiscard]] std::uint64_t filled_until(Cycles now) const {
    if (now < begin_) return 0;
    if (now - begin_ >= kTurn - Cycles(1)) return filled_;
    const auto turn = static_cast<int>(begin_ % kTurn);
    return filled_ &
           std::rotl((bit(static_cast<unsigned>((now - begin_).count())) << 1U) - 1, turn);
  }
  void place(unsigned warp, Cycles cycle) {
    const auto at = static_cast<unsigned>(cycle % kTurn);
    warps_[at] = ((filled_ >> at & 1U) != 0 ? warps_[at] : 0) | bit(warp);
    filled_ |= bit(at);
  }
  /// Those whose cycle has come into reach move onto the wheel, or are due.
  std::uint64_t bring_nearer(Cycles now) {
    std::uint64_t due = 0;
    for (std::uint64_t left = far_; left != 0; left &= left - 1) {
      const auto warp = static_cast<unsigned>(std::countr_zero(left));
      const Cycles cycle = far_until_[warp];
      if (cycle > now && cycle - begin_ >= kTurn) continue;
      far_ &= ~bit(warp);
      if (cycle <= now)
        due |= bit(warp);
      else
        place(warp, cycle);
    }
    return due;
  }
  void plan() {
    next_ = kNever;
    if (filled_ != 0)
      next_ = begin_ + Cycles(static_cast<unsigned>(
                           std::countr_zero(std::rotr(filled_, static_cast<int>(begin_ % kTurn)))));
    for (std::uint64_t left = far_; left != 0; left &= left - 1)
      next_ = std::min(next_, far_until_[static_cast<unsigned>(std::countr_zero(left))]);
  }

  Cycles begin_;               // cycles before it have been taken
  std::uint64_t filled_ = 0;   // places with warps
  std::uint64_t overdue_ = 0;  // warps that were added for a cycle already taken
  std::uint64_t far_ = 0;      // warps that wait for more than a turn
  Cycles next_ = kNever;
  std::array<std::uint64_t, kTurn.count()> warps_;  // by cycle mod kTurn, where filled_
  std::array<Cycles, 64> far_until_;
};

}  // namespace isobar::timing
