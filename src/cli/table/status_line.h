// What long work says of itself: on a terminal one line that is drawn over; elsewhere a line now
// and then. And a heartbeat, so that no work is silent for long, however long a single part of it
// takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace isobar::cli {

/// Any thread may call it.
class StatusLine {
 public:
  explicit StatusLine(std::FILE* out);

  [[nodiscard]] bool on_terminal() const { return terminal_; }
  /// Draws over the line on a terminal; elsewhere prints it if nothing was for ten seconds. At most
  /// ten times a second, unless it `must` be seen.
  void show(const std::string& text, bool must = false);
  /// A line that stays.
  void print(const std::string& text);
  /// Takes the drawn line away, before something else is printed.
  void clear();
  /// Seconds since anything was shown.
  [[nodiscard]] double quiet() const;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& text);

  mutable std::mutex guard_;
  std::FILE* out_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point shown_ = Clock::now();
};

/// While it lives it shows what `work` says whenever the line was quiet for long: a second on a
/// terminal, half a minute elsewhere. `work` is called on another thread; an empty text is not
/// shown.
class Heartbeat {
 public:
  Heartbeat(StatusLine& line, std::function<std::string()> work);
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  ~Heartbeat();

 private:
  void beat();

  StatusLine& line_;
  std::function<std::string()> work_;
  std::mutex guard_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

/// "4:05", "1:02:03".
[[nodiscard]] std::string clock_time(double seconds);
/// A time in the unit that suits it: "812 us", "3.25 s".
[[nodiscard]] std::string short_time(double seconds);
/// "812 MB", "3.05 GB".
[[nodiscard]] std::string short_size(std::uint64_t bytes);

}  // namespace isobar::cli
