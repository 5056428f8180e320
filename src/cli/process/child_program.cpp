#include "cli/process/child_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "cli/process/process_tree.h"

namespace isobar::cli {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::array kHeld{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
constexpr auto kGrace = 5s;        // from the signal that asks to end to the one that ends
constexpr auto kLaunchGrace = 2s;  // from Ctrl-C to the end of a launch that goes on
constexpr int kInsistent = 3;      // so many Ctrl-C within kGrace mean: end it

/// Those that somebody had us ignore (nohup, a shell's background) stay ignored.
sigset_t held_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kHeld) {
    struct sigaction action{};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&set, signal);
  }
  return set;
}

class Child {
 public:
  Child(const std::vector<std::string>& program, const HeldSignals& held);
  [[nodiscard]] pid_t id() const { return id_; }
  [[nodiscard]] int error() const { return error_; }
  /// Takes the end of every process that has ended; the child's own is kept.
  void reap();
  [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }
  /// It and its descendants, also those whose parent has ended: we adopt them.
  static void signal_all(int signal) {
    for (const pid_t process : descendants_of(::getpid())) ::kill(process, signal);
  }

 private:
  [[noreturn]] static void become(const std::vector<std::string>& program, pid_t parent,
                                  const HeldSignals& held, int errors);
  pid_t id_ = 0;
  int error_ = 0;
  std::optional<int> exit_code_;
};

Child::Child(const std::vector<std::string>& program, const HeldSignals& held) {
  std::array<int, 2> errors{};
  if (::pipe2(errors.data(), O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
  const pid_t parent = ::getpid();
  std::fflush(nullptr);
  id_ = ::fork();
  if (id_ < 0) fail("cannot start a process for {}: {}", program.front(), std::strerror(errno));
  if (id_ == 0) become(program, parent, held, errors[1]);
  ::close(errors[1]);
  // Closed by exec, so end-of-file means that it has started.
  while (::read(errors[0], &error_, sizeof error_) < 0 && errno == EINTR) {}
  ::close(errors[0]);
}

void Child::become(const std::vector<std::string>& program, pid_t parent, const HeldSignals& held,
                   int errors) {
  std::vector<char*> argv;
  argv.reserve(program.size() + 1);
  for (const std::string& argument : program) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // Kept over exec; it may have been too late for a parent that has gone already.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(128 + SIGKILL);
  ::sigprocmask(SIG_SETMASK, &held.before(), nullptr);
  ::execvp(argv[0], argv.data());
  const int error = errno;
  (void)!::write(errors, &error, sizeof error);
  ::_exit(kExitNoProgram);
}

void Child::reap() {
  int status = 0;
  for (pid_t process = 0; (process = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (process == id_)
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What is to be done, and by when, for a child that runs.
class Supervisor {
 public:
  Supervisor(Child& child, const std::function<void()>& end_launch)
      : child_(child), end_launch_(end_launch) {}
  /// Until the child has ended, and when it was asked to, all that it started.
  void run();
  [[nodiscard]] bool ended_it() const { return asked_with_ != 0; }

 private:
  [[nodiscard]] bool is_over();
  void wait_for_signal();
  void on_interrupt(const siginfo_t& info);
  void ask_to_end(const siginfo_t& info);
  void act_on_deadlines();

  Child& child_;
  const std::function<void()>& end_launch_;
  std::optional<Clock::time_point> end_launch_at_, kill_at_;
  std::vector<Clock::time_point> interrupts_;
  int asked_with_ = 0;
};

/// A signal that the terminal sends reaches everybody in its foreground; others come to us alone.
bool is_from_terminal(const siginfo_t& info) { return info.si_code == SI_KERNEL; }

void Supervisor::run() {
  while (!is_over()) {
    wait_for_signal();
    act_on_deadlines();
  }
}

bool Supervisor::is_over() {
  child_.reap();
  return child_.exit_code() && (asked_with_ == 0 || descendants_of(::getpid()).empty());
}

void Supervisor::wait_for_signal() {
  auto wait = std::chrono::milliseconds(1000);
  for (const auto& deadline : {end_launch_at_, kill_at_})
    if (deadline)
      wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()));
  wait = std::max(wait, 0ms);
  const timespec timeout{wait.count() / 1000, wait.count() % 1000 * 1'000'000};
  const sigset_t held = held_signals();
  siginfo_t info{};
  const int signal = ::sigtimedwait(&held, &info, &timeout);
  if (signal == SIGINT)
    on_interrupt(info);
  else if (signal > 0 && signal != SIGCHLD)
    ask_to_end(info);
}

void Supervisor::on_interrupt(const siginfo_t& info) {
  const auto now = Clock::now();
  std::erase_if(interrupts_, [&](Clock::time_point when) { return now - when > kGrace; });
  interrupts_.push_back(now);
  if (interrupts_.size() >= kInsistent) {
    siginfo_t end = info;
    end.si_signo = SIGTERM;
    end.si_code = SI_USER;
    return ask_to_end(end);
  }
  if (!is_from_terminal(info)) Child::signal_all(SIGINT);
  if (!end_launch_at_) end_launch_at_ = now + kLaunchGrace;
}

void Supervisor::ask_to_end(const siginfo_t& info) {
  if (asked_with_ == 0) kill_at_ = Clock::now() + kGrace;
  asked_with_ = info.si_signo;
  if (!is_from_terminal(info)) Child::signal_all(info.si_signo);
  end_launch_();
}

std::string name_of(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
}

void Supervisor::act_on_deadlines() {
  const auto now = Clock::now();
  if (end_launch_at_ && now >= *end_launch_at_) {
    end_launch_at_.reset();
    end_launch_();
  }
  if (kill_at_ && now >= *kill_at_) {
    // Again a second later, should one of them have started another in between.
    kill_at_ = now + 1s;
    fmt::print(stderr, "isobar run: the program did not end within {} s of {}: killed\n",
               kGrace.count(), name_of(asked_with_));
    Child::signal_all(SIGKILL);
  }
}

}  // namespace

HeldSignals::HeldSignals() {
  const sigset_t held = held_signals();
  ::sigprocmask(SIG_BLOCK, &held, &before_);
}

HeldSignals::~HeldSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

ChildEnd run_child(const std::vector<std::string>& program, const HeldSignals& held,
                   const std::function<void()>& end_launch) {
  // What outlives its parent comes to us, and not to the system's first process.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Child child(program, held);
  Supervisor supervisor(child, end_launch);
  supervisor.run();
  if (child.error() != 0)
    return {child.error() == ENOENT ? kExitNoProgram : kExitNotExecutable, child.error(), false};
  return {child.exit_code().value_or(1), 0, supervisor.ended_it()};
}

}  // namespace isobar::cli
