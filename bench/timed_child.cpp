#include "bench/timed_child.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/error.h"

namespace isobar::bench {
namespace {

ChildTimes measure(const TimedWork& work) {
  Session session(nn::choose_device("isobar"));
  const std::function<void()> enqueue = work(session);
  (void)session.measure(enqueue);
  const std::optional<cl_isobar_counters> counters = session.measure(enqueue).counters;
  if (!counters) fail("the simulated chip has no counters (an incomplete build?)");
  return {.warp_instructions = static_cast<double>(counters->timed_warp_instructions),
          .cycles = static_cast<double>(counters->device_cycles),
          .seconds = static_cast<double>(counters->host_nanoseconds) * 1e-9,
          .cpu_seconds = static_cast<double>(counters->host_cpu_nanoseconds) * 1e-9};
}

/// The child: leaves without the parent's clean-up, whose business this process is not.
[[noreturn]] void be_child(int result, const TimedSetup& setup, const TimedWork& work) {
  int code = 1;
  try {
    setenv("ISOBAR_CHIP", setup.chip.c_str(), 1);
    setenv("ISOBAR_FIDELITY", "timed", 1);
    setenv("ISOBAR_THREADS", std::to_string(setup.threads).c_str(), 1);
    const ChildTimes run = measure(work);
    if (::write(result, &run, sizeof run) == static_cast<ssize_t>(sizeof run)) code = 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "isobar: {}\n", error.what());
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace

ChildTimes time_in_child(const TimedSetup& setup, const TimedWork& work) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0)
    fail("cannot make a pipe: {}", std::generic_category().message(errno));
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) fail("cannot start a process: {}", std::generic_category().message(errno));
  if (child == 0) {
    ::close(pipe[0]);
    be_child(pipe[1], setup, work);
  }
  ::close(pipe[1]);
  ChildTimes run;
  const ssize_t got = ::read(pipe[0], &run, sizeof run);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (got != static_cast<ssize_t>(sizeof run) || status != 0)
    fail("a measurement on {} failed", setup.chip.string());
  return run;
}

}  // namespace isobar::bench
