// Guest programs on the timed machine, for tests: C or assembler text, buffers, a chip that a test
// may bend to its question.
#pragma once

#include "chip/chip.h"
#include "simt/testing/guest_machine.h"
#include "timing/machine.h"

namespace isobar::timing {

/// isobar-nano as it is.
inline chip::Chip nano() {
  return chip::read_chip(std::string(ISOBAR_SOURCE_DIR) + "/chips/isobar-nano.toml");
}

class TimedGuest : public simt::GuestMachine {
 public:
  TimedGuest(const std::string& text, const chip::Chip& chip)
      : simt::GuestMachine(text), machine_(chip), chip_(chip) {
    config().warp_width = chip.core.lanes;
    config().cores = chip.core.count;
    config().private_memory = chip.core.private_memory;
  }
  LaunchTimes time(std::uint64_t global, std::uint64_t local, unsigned threads = 1) {
    prepare(global, local);
    return machine_.launch(program(), 1, memory(), config(), threads);
  }
  /// Only these groups are timed.
  LaunchTimes time(std::uint64_t global, std::uint64_t local,
                   const std::vector<simt::GroupRange>& selection) {
    prepare(global, local);
    return machine_.launch(program(), 1, memory(), config(), 1, selection);
  }
  /// None is.
  UntimedLaunch pass(std::uint64_t global, std::uint64_t local) {
    prepare(global, local);
    return machine_.pass(program(), 1, memory(), config());
  }
  Machine& machine() { return machine_; }
  [[nodiscard]] const chip::Chip& chip() const { return chip_; }

 private:
  Machine machine_;
  chip::Chip chip_;
};

}  // namespace isobar::timing
