#include "cli/training/sample_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/terminal.h"
#include "cli/training/train_progress.h"

namespace isobar::cli {
namespace {

// A terminal's own words (DEC's, which all of today's know): keep and find again the cursor's
// place, and clear the rest of the line.
constexpr const char* kKeepPlace =
    "\x1b"
    "7";
constexpr const char* kFindPlace =
    "\x1b"
    "8";
constexpr const char* kClearRest = "\x1b[K";

}  // namespace

SampleProgress::SampleProgress(std::FILE* out, const nn::Gpt& gpt, std::uint32_t tokens)
    : out_(out), gpt_(gpt), tokens_(tokens), terminal_(::isatty(::fileno(out)) != 0) {
  heartbeat_.emplace(status_, [this] { return beat(); });
}

/// What stands behind the text on its terminal is written here; what goes to standard error is
/// returned.
std::string SampleProgress::beat() {
  const std::uint32_t done = done_;
  const std::string device = describe(gpt_.progress());
  if (!terminal_) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    const std::string left =
        done == 0 ? "" : ", " + clock_time(elapsed.count() / done * (tokens_ - done)) + " left";
    return fmt::format("sampling: {} of {} tokens{}{}{}", done, tokens_, left,
                       device.empty() ? "" : "; ", device);
  }
  if (device.empty() || verbosity() == Verbosity::kQuiet) return {};
  const std::lock_guard lock(guard_);
  fmt::print(out_, "{}{} ({}){}", kKeepPlace, kClearRest, device, kFindPlace);
  std::fflush(out_);
  noted_ = true;
  return {};
}

void SampleProgress::show(std::string_view piece) {
  const std::lock_guard lock(guard_);
  fmt::print(out_, "{}{}", noted_ ? kClearRest : "", piece);
  std::fflush(out_);
  noted_ = false;
  ++done_;
}

void SampleProgress::end() {
  heartbeat_.reset();
  status_.clear();
  fmt::print(out_, "{}\n", noted_ ? kClearRest : "");
}

}  // namespace isobar::cli
