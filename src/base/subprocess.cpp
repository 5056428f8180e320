#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace isobar {
namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(std::size_t end) {
    if (const int descriptor = std::exchange(ends.at(end), -1); descriptor >= 0)
      ::close(descriptor);
  }
};

/// Reads both pipes until both are closed; poll keeps a child that fills one from blocking.
void drain(Pipe& output, Pipe& errors, SubprocessResult& result) {
  std::array<pollfd, 2> watched{{{output.ends[0], POLLIN, 0}, {errors.ends[0], POLLIN, 0}}};
  std::array<std::string*, 2> sinks{&result.output, &result.errors};
  std::array<char, 16384> buffer{};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (watched.at(i).fd < 0 || watched.at(i).revents == 0) continue;
      const ssize_t got = ::read(watched.at(i).fd, buffer.data(), buffer.size());
      if (got > 0)
        sinks.at(i)->append(buffer.data(), static_cast<std::size_t>(got));
      else if (got == 0 || errno != EINTR)
        watched.at(i).fd = -1;
    }
  }
}

}  // namespace

SubprocessResult run_subprocess(const std::vector<std::string>& arguments) {
  Pipe output;
  Pipe errors;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, errors.ends[1], 2);

  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail("cannot run {}: {}", arguments.front(), std::strerror(error));

  output.close(1);
  errors.close(1);
  SubprocessResult result;
  drain(output, errors, result);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace isobar
