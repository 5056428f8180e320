#include "base/file/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace isobar {
namespace {

constexpr int kExitUser = 2, kExitClosedPipe = 128 + SIGPIPE;

// stdio keeps that a write failed, but not why; fmt's exception knows.
int why = 0;

}  // namespace

void prepare_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest free number is given, which is this one. Reading or writing the wrong way fails.
    (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  // A handler, because an ignored signal would be ignored in the programs that we start, too.
  struct sigaction action{};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  (void)::sigaction(SIGXFSZ, &action, nullptr);
}

int finish_standard_output(int exit_code) {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0;
  if (failed && errno != 0) why = errno;
  if (!failed && std::ferror(stdout) == 0) return exit_code;
  if (why ==
      0) {  // a flush in between failed: what is broken anyway is asked once more, for the reason
    std::clearerr(stdout);
    errno = 0;
    if (std::fputc('\n', stdout) == EOF || std::fflush(stdout) != 0) why = errno;
  }
  if (why == EPIPE) return kExitClosedPipe;
  std::fprintf(stderr, "isobar: standard output: cannot be written: %s\n",
               why != 0 ? std::strerror(why) : "a write failed");
  return exit_code == 0 ? kExitUser : exit_code;
}

bool is_standard_stream_error(const std::exception& error) {
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  if (system == nullptr || (std::ferror(stdout) == 0 && std::ferror(stderr) == 0)) return false;
  why = system->code().value();
  return true;
}

}  // namespace isobar
