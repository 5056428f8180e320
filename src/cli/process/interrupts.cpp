#include "cli/process/interrupts.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "cli/command/commands.h"

namespace isobar::cli {
namespace {

volatile sig_atomic_t stop_signals = 0, lost_readers = 0;

void on_stop(int) {
  stop_signals = stop_signals + 1;
  if (stop_signals > 1) ::_exit(kExitInterrupted);
}

void on_lost_reader(int) { lost_readers = 1; }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

bool is_lost(std::FILE* stream) {
  pollfd state{.fd = ::fileno(stream), .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

void silence_lost_streams() {
  for (std::FILE* stream : {stdout, stderr}) {
    if (!is_lost(stream)) continue;
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) continue;
    ::dup2(nowhere, ::fileno(stream));
    ::close(nowhere);
    std::clearerr(stream);
  }
}

}  // namespace

void catch_interrupts() {
  handle(SIGINT, on_stop);
  handle(SIGTERM, on_stop);
}

void catch_lost_readers() {
  struct sigaction before{};
  ::sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) handle(SIGHUP, on_lost_reader);
  handle(SIGPIPE, on_lost_reader);
}

bool interrupted() {
  if (lost_readers != 0) silence_lost_streams();
  return stop_signals > 0 || lost_readers != 0;
}

}  // namespace isobar::cli
