// Runs a program on our own terminal and stands between it and signals, as timeout(1) and a shell
// would: what is sent to us alone goes on to it and to every process that it started, one that does
// not end of a signal that asks it to is killed after a grace, and the kernel kills it when we are
// killed. Ctrl-C is the program's to handle; only a launch that goes on after it is ended by us.
#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <vector>

namespace isobar::cli {

inline constexpr int kExitNotExecutable = 126, kExitNoProgram = 127;  // as shells have them

/// While it lives, the signals that a user ends programs with wait until child programs are asked
/// about them; and writing to a closed pipe is an error instead of the end.
class HeldSignals {
 public:
  HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals();
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
};

struct ChildEnd {
  int exit_code = 0;       // its own, or 128 and the signal that ended it
  int error = 0;           // why it did not start (errno); then exit_code is 126 or 127
  bool was_ended = false;  // a signal of ours asked it to end
};

/// `end_launch` ends the launch that the program waits for, if there is one.
[[nodiscard]] ChildEnd run_child(const std::vector<std::string>& program, const HeldSignals& held,
                                 const std::function<void()>& end_launch);

}  // namespace isobar::cli
