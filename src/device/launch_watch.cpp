#include "device/launch_watch.h"

#include <csignal>
#include <system_error>
#include <utility>

namespace isobar::device {

LaunchWatch::LaunchWatch(double limit_seconds, std::filesystem::path end_file)
    : limit_seconds_(limit_seconds), end_file_(std::move(end_file)) {
  (void)was_asked();  // what was asked before is not about a launch of ours
  if (limit_seconds_ <= 0 && end_file_.empty()) return;
  // The thread inherits the mask: the program's signals are for its own threads to handle.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { watch(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LaunchWatch::~LaunchWatch() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void LaunchWatch::set_listener(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void LaunchWatch::begin(const std::string& kernel) {
  const std::lock_guard lock(mutex_);
  runs_ = true;
  told_ = false;
  kernel_ = kernel;
  since_ = Clock::now();
  why_ = LaunchEnd::kItself;
  cancelled_ = false;
}

LaunchEnd LaunchWatch::end() {
  const std::lock_guard lock(mutex_);
  runs_ = false;
  return why_;
}

/// Ticks rather than one wait per launch: to start and end a launch costs no system call.
void LaunchWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, kTick, [this] { return done_; })) look();
}

void LaunchWatch::look() {
  const bool asked = was_asked();
  if (!runs_) return;
  const Clock::duration taken = Clock::now() - since_;
  if (!told_ && taken > kLong && listener_) {
    told_ = true;
    listener_(kernel_, since_);
  }
  if (why_ != LaunchEnd::kItself) return;
  if (limit_seconds_ > 0 && taken > std::chrono::duration<double>(limit_seconds_))
    why_ = LaunchEnd::kTimeLimit;
  else if (asked)
    why_ = LaunchEnd::kAsked;
  if (why_ != LaunchEnd::kItself) cancelled_ = true;
}

bool LaunchWatch::was_asked() {
  if (end_file_.empty()) return false;
  std::error_code error;
  const auto time = std::filesystem::last_write_time(end_file_, error);
  return !error && std::exchange(asked_, time) != time;
}

}  // namespace isobar::device
