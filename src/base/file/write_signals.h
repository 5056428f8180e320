// For code that runs inside somebody else's program, as our OpenCL driver does: a write past a
// limit on the size of files, or into a pipe whose reader has gone, ends with an error number, and
// not with a signal (SIGXFSZ, SIGPIPE) that ends the program.
#pragma once

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace isobar {

/// Holds the two signals back from this thread while it lives, and then drops those that its own
/// writes raised. Both are sent to the thread that wrote (signal(7)).
class WriteSignalsHeld {
 public:
  WriteSignalsHeld() {
    sigemptyset(&held_);
    sigaddset(&held_, SIGXFSZ);
    sigaddset(&held_, SIGPIPE);
    sigpending(&pending_);
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  WriteSignalsHeld(const WriteSignalsHeld&) = delete;
  WriteSignalsHeld& operator=(const WriteSignalsHeld&) = delete;
  ~WriteSignalsHeld() {
    const timespec now{};
    for (const int signal : {SIGXFSZ, SIGPIPE}) {
      if (sigismember(&pending_, signal) != 0) continue;  // was there before us
      sigset_t one;
      sigemptyset(&one);
      sigaddset(&one, signal);
      while (sigtimedwait(&one, nullptr, &now) > 0) {}
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t held_{}, pending_{}, before_{};
};

}  // namespace isobar
