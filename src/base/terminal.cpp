#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace isobar {
namespace {

constexpr char kVariable[] = "ISOBAR_VERBOSITY";  // "quiet" or "verbose"; anything else: neither

Verbosity inherited_verbosity() {
  const char* given = std::getenv(kVariable);
  const std::string_view word = given != nullptr ? given : "";
  if (word == "quiet") return Verbosity::kQuiet;
  return word == "verbose" ? Verbosity::kVerbose : Verbosity::kNormal;
}

std::atomic<Verbosity>& chosen_verbosity() {
  static std::atomic<Verbosity> chosen{inherited_verbosity()};
  return chosen;
}

/// Of the terminal behind a stream; nothing where it is none or tells no width.
std::optional<unsigned> columns_of(std::FILE* stream) {
  const int descriptor = ::fileno(stream);
  if (::isatty(descriptor) == 0) return std::nullopt;
  if (const char* given = std::getenv("COLUMNS"))
    if (const unsigned long columns = std::strtoul(given, nullptr, 10);
        columns > 0 && columns < 100000)
      return static_cast<unsigned>(columns);
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return std::nullopt;
}

}  // namespace

unsigned terminal_columns() { return columns_of(stdout).value_or(100U); }
unsigned table_columns(std::FILE* stream) { return columns_of(stream).value_or(kAnyWidth); }

void set_verbosity(Verbosity verbosity) {
  chosen_verbosity() = verbosity;
  ::setenv(kVariable,
           verbosity == Verbosity::kQuiet     ? "quiet"
           : verbosity == Verbosity::kVerbose ? "verbose"
                                              : "normal",
           1);
}
Verbosity verbosity() { return chosen_verbosity(); }

bool shows_progress() { return verbosity() != Verbosity::kQuiet && ::isatty(STDERR_FILENO) != 0; }

}  // namespace isobar
