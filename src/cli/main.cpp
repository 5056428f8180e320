// isobar: the front door. Reads the command line, runs the chosen command and turns errors into
// exit codes. Each command lives in its own command_<name>.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ranks.h"
#include "base/standard_output.h"
#include "cli/commands.h"
#include "cli/run_arguments.h"
#include "cli/version.h"

namespace {

/// The whole program but for the last word on standard output.
int run(int argc, char** argv) {
  using namespace isobar;
  CLI::App app{"Where every percent of an AI chip's peak goes when it trains a language model."};
  app.name("isobar");
  app.set_version_flag("--version", cli::version());
  app.require_subcommand(1);

  cli::Action chosen;
  cli::add_train(app, chosen);
  cli::add_sample(app, chosen);
  cli::add_run(app, chosen);
  cli::add_exec(app, chosen);
  cli::add_explain(app, chosen);
  cli::add_bench(app, chosen);
  cli::add_plan(app, chosen);
  cli::add_chip(app, chosen);
  cli::add_info(app, chosen);

  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("isobar: {} (--help lists the options)\n", error.what());
  });
  try {
    std::vector<std::string> words = cli::separate_program(app, {argv + 1, argv + argc});
    std::ranges::reverse(words);  // which is how this form of parse() wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    // Help and version end well; everything else is the user's to mend.
    return app.exit(error) == 0 ? 0 : cli::kExitUser;
  }
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
