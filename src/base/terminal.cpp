#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>

namespace isobar {
namespace {

std::atomic<Verbosity> chosen_verbosity{Verbosity::kNormal};

}  // namespace

unsigned terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100U;
}

void set_verbosity(Verbosity verbosity) { chosen_verbosity = verbosity; }
Verbosity verbosity() { return chosen_verbosity; }

bool shows_progress() {
  return chosen_verbosity != Verbosity::kQuiet && isatty(STDERR_FILENO) != 0;
}

}  // namespace isobar
