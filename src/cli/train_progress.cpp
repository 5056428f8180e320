#include "cli/train_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace isobar::cli {
namespace {

/// Seconds between lines where they stay, and between redrawings where they do not.
constexpr double kLineEvery = 10, kDrawEvery = 0.1;

}  // namespace

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

TrainProgress::TrainProgress(std::FILE* out, std::uint64_t steps_done, std::uint64_t steps,
                             bool simulated)
    : out_(out),
      terminal_(::isatty(::fileno(out)) != 0),
      simulated_(simulated),
      first_(steps_done),
      steps_(steps) {}

double TrainProgress::seconds_left(std::uint64_t step) const {
  const std::chrono::duration<double> elapsed = Clock::now() - start_;
  return elapsed.count() / static_cast<double>(step - first_) * static_cast<double>(steps_ - step);
}

std::string TrainProgress::line(const train::StepRecord& record) const {
  std::string text = fmt::format("step {:>{}}/{}  loss {:.4f}  {:.0f} tokens/s  {} left",
                                 record.step, std::to_string(steps_).size(), steps_,
                                 record.train_loss, speed_, clock_time(seconds_left(record.step)));
  if (record.device_ms)
    text += fmt::format("  {} {} a step, {} in all", simulated_ ? "chip" : "device",
                        short_time(*record.device_ms * 1e-3), short_time(device_ms_ * 1e-3));
  return text;
}

void TrainProgress::draw(const std::string& text) {
  // A line that wraps could not be drawn over. All of it is ASCII: bytes are columns.
  winsize size{};
  const bool known = ::ioctl(::fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  fmt::print(out_, "\r{}\x1b[K", text.substr(0, known ? size.ws_col - 1U : text.npos));
  std::fflush(out_);
}

void TrainProgress::clear() {
  if (!terminal_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
}

void TrainProgress::on_step(const train::StepRecord& record) {
  speed_ = last_ ? 0.9 * speed_ + 0.1 * record.tokens_per_s : record.tokens_per_s;
  device_ms_ += record.device_ms.value_or(0);
  const bool edge = !last_ || record.step == steps_;
  last_ = record;
  const Clock::time_point now = Clock::now();
  const std::chrono::duration<double> since = now - drawn_;
  if (record.validation_loss || (!terminal_ && (edge || since.count() >= kLineEvery))) {
    clear();
    fmt::print(
        out_, "{}{}\n", line(record),
        record.validation_loss ? fmt::format("  validation {:.4f}", *record.validation_loss) : "");
    std::fflush(out_);
    drawn_ = now;
  } else if (terminal_ && since.count() >= kDrawEvery) {
    draw(line(record));
    drawn_ = now;
  }
}

void TrainProgress::on_evaluation(std::uint32_t batch, std::uint32_t batches) {
  if (terminal_) draw(fmt::format("validating: batch {} of {}", batch, batches));
}

void TrainProgress::on_checkpoint(const std::filesystem::path&) {
  if (terminal_ && last_) draw(line(*last_));
}

}  // namespace isobar::cli
