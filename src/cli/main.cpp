// isobar: the front door. Reads the command line, runs the chosen command and turns errors into
// exit codes. Each command lives in its own command_<name>.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

#include "base/error.h"
#include "base/file/standard_output.h"
#include "base/ranks.h"
#include "cli/application.h"
#include "cli/process/stack_limit.h"
#include "device/trouble.h"

namespace {

/// The whole program but for the last word on standard output.
int run(int argc, char** argv) {
  using namespace isobar;
  CLI::App app;
  cli::Action chosen;
  cli::declare(app, chosen);
  if (const auto answered = cli::parse(app, {argv + std::min(argc, 1), argv + argc}))
    return *answered;
  try {
    cli::check_stack_limit();
    return chosen();
  } catch (const UserError& error) {
    if (first_rank_reports()) return 0;
    fmt::print(stderr, "isobar: {}\n", error.what());
    return cli::kExitUser;
  } catch (const std::bad_alloc&) {
    std::fputs(
        "isobar: not enough memory for what was asked (a smaller model, batch or file; `ulimit -v` "
        "tells whether a limit is set)\n",
        stderr);
    return cli::kExitUser;
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr, "isobar: {}: {}\n", error.path1().string(), error.code().message());
    return cli::kExitUser;
  } catch (const std::exception& error) {
    if (is_standard_stream_error(error)) return cli::kExitUser;
    fmt::print(stderr,
               "isobar: internal error: {}\nThis is a defect of Isobar; please report it.\n",
               error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  isobar::prepare_standard_streams();
  int exit_code = run(argc, argv);
  // The driver has said it on standard error, in the middle of what it printed there.
  if (exit_code == 0 && !isobar::device::noted_trouble().empty()) {
    std::fputs("isobar: not everything could be written (said above)\n", stderr);
    exit_code = isobar::cli::kExitUser;
  }
  return isobar::finish_standard_output(exit_code);
}
