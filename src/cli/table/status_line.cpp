#include "cli/table/status_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/terminal.h"
#include "base/text/columns.h"

namespace isobar::cli {
namespace {

/// Seconds between lines where they stay, and between redrawings where they do not.
constexpr double kLineEvery = 10, kDrawEvery = 0.1;
/// Seconds of silence that a heartbeat ends.
constexpr double kQuietOnTerminal = 1, kQuietElsewhere = 30;

}  // namespace

StatusLine::StatusLine(std::FILE* out) : out_(out), terminal_(::isatty(::fileno(out)) != 0) {}

double StatusLine::quiet() const {
  const std::lock_guard lock(guard_);
  return std::chrono::duration<double>(Clock::now() - shown_).count();
}

void StatusLine::show(const std::string& text, bool must) {
  if (verbosity() == Verbosity::kQuiet) return;
  const bool due = must || quiet() >= (terminal_ ? kDrawEvery : kLineEvery);
  if (!due) return;
  if (!terminal_) return print(text);
  const std::lock_guard lock(guard_);
  draw(text);
}

void StatusLine::draw(const std::string& text) {
  // A line that wraps could not be drawn over. All of it is ASCII: bytes are columns.
  winsize size{};
  const bool known = ::ioctl(::fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  fmt::print(out_, "\r{}\x1b[K", text.substr(0, known ? size.ws_col - 1U : text.npos));
  std::fflush(out_);
  drawn_ = true;
  shown_ = Clock::now();
}

void StatusLine::print(const std::string& text) {
  if (verbosity() == Verbosity::kQuiet) return;
  const std::lock_guard lock(guard_);
  fmt::print(out_, "{}{}\n", drawn_ ? "\r\x1b[K" : "", fitted(text, table_columns(out_)));
  std::fflush(out_);
  drawn_ = false;
  shown_ = Clock::now();
}

void StatusLine::clear() {
  const std::lock_guard lock(guard_);
  if (!drawn_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
  drawn_ = false;
}

Heartbeat::Heartbeat(StatusLine& line, std::function<std::string()> work)
    : line_(line), work_(std::move(work)), thread_([this] { beat(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(guard_);
    end_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Heartbeat::beat() {
  const double longest = line_.on_terminal() ? kQuietOnTerminal : kQuietElsewhere;
  std::unique_lock lock(guard_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(500), [this] { return end_; })) {
    if (line_.quiet() < longest) continue;
    const std::string text = work_();
    if (!text.empty()) line_.show(text, true);
  }
}

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::round(seconds)));
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string short_time(double seconds) {
  if (seconds >= 1) return fmt::format("{:.3g} s", seconds);
  return seconds >= 1e-3 ? fmt::format("{:.3g} ms", seconds * 1e3)
                         : fmt::format("{:.3g} us", seconds * 1e6);
}

std::string short_size(std::uint64_t bytes) {
  constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{:.3g} {}", value, kUnits[unit]);
}

}  // namespace isobar::cli
