// Watches the launch that runs, from a thread of its own: ends it when it has taken longer than its
// limit on this host, or when somebody outside asks for that, and tells of one that takes long.
//
// From outside it is asked through a file: whoever creates or replaces it (`isobar run`, after
// Ctrl-C) ends the launch that runs then. A program that waits in clFinish for a kernel that hangs
// can do nothing about a signal before that.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace isobar::device {

enum class LaunchEnd : std::uint8_t { kItself, kTimeLimit, kAsked };
/// What ended a launch, and how long it had taken on this host.
struct LaunchEnding {
  LaunchEnd why = LaunchEnd::kItself;
  double seconds = 0;
};

class LaunchWatch {
 public:
  using Clock = std::chrono::steady_clock;
  /// Called once for a launch that takes longer than kLong, from the watching thread.
  using Listener = std::function<void(const std::string& kernel, Clock::time_point since)>;

  static constexpr std::chrono::milliseconds kTick{50}, kLong{250};

  /// `limit_seconds`: 0 for none. `end_file`: empty if nobody will ask. Without either there is
  /// nothing to watch for, and no thread.
  LaunchWatch(double limit_seconds, std::filesystem::path end_file);
  LaunchWatch(const LaunchWatch&) = delete;
  LaunchWatch& operator=(const LaunchWatch&) = delete;
  ~LaunchWatch();

  void set_listener(Listener listener);

  /// One launch at a time.
  void begin(const std::string& kernel);
  /// What ended it, if it was not its own work.
  LaunchEnd end();
  [[nodiscard]] const std::atomic<bool>* flag() const { return &cancelled_; }

 private:
  void watch();
  void look();
  [[nodiscard]] bool was_asked();

  const double limit_seconds_;
  const std::filesystem::path end_file_;
  std::filesystem::file_time_type asked_{};
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false, runs_ = false, told_ = false;
  std::string kernel_;
  Clock::time_point since_;
  LaunchEnd why_ = LaunchEnd::kItself;
  Listener listener_;
  std::atomic<bool> cancelled_{false};
  std::thread thread_;
};

}  // namespace isobar::device
