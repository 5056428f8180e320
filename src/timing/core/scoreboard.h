// What the registers of one warp wait for: when each may be read, what waiting for it is called,
// and which instruction makes it. An instruction may issue when all that it reads or writes is
// there; of several things that it waits for, the last one is named, and of those that come
// together the first that was looked at.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"
#include "timing/cause.h"
#include "timing/core/timed_program.h"

namespace isobar::timing {

class Scoreboard {
 public:
  static constexpr Cycles kNever{~std::uint64_t{0}};

  /// Until when an instruction waits, and for what. kNever: for an answer nobody knows the time of.
  struct Wait {
    Cycles ready;
    Cause cause = Cause::kLaunch;
    std::uint8_t for_register = kNoRegister;
    std::uint32_t on = 0;  // the operation that is waited for
  };

  /// An operation writes a register, which may be read from `ready` on.
  void write(std::uint8_t number, Cycles ready, Cause cause, std::uint32_t producer) {
    ready_[number] = ready;
    cause_[number] = cause;
    producer_[number] = producer;
  }
  /// The time of a register that was written for kNever.
  void arrive(std::uint32_t number, Cycles ready) { ready_[number] = ready; }

  /// What operation `at` waits for that could issue at `may_issue` but for its registers, where it
  /// is `why` that it waits until then.
  [[nodiscard]] Wait wait_of(const TimedOperation& op, std::uint32_t at, Cycles may_issue,
                             Cause why) const {
    Wait wait{may_issue, why, kNoRegister, at};
    const auto look_at = [&](std::uint8_t number) {
      if (ready_[number] <= wait.ready) return;
      wait = {ready_[number], cause_[number], number, producer_[number]};
    };
    for (const std::uint8_t number : op.rs) look_at(number);
    look_at(op.rd);  // the one before it must have been written
    return wait;
  }

 private:
  std::array<Cycles, kRegisters + 1> ready_{};  // kNoRegister always may be read
  std::array<Cause, kRegisters + 1> cause_{};
  std::array<std::uint32_t, kRegisters + 1> producer_{};
};

}  // namespace isobar::timing
