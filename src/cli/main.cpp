// isobar: the front door. Reads the command line, runs the chosen command and turns errors into
// exit codes. Each command lives in its own command_<name>.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/error.h"
#include "base/ranks.h"
#include "base/standard_output.h"
#include "cli/application.h"

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
    return chosen();
  } catch (const UserError& error) {
    if (first_rank_reports()) return 0;
    fmt::print(stderr, "isobar: {}\n", error.what());
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
  return isobar::finish_standard_output(run(argc, argv));
}
