// isobar: the front door. Reads the command line, runs the chosen command and turns errors into
// exit codes. Each command lives in its own command_<name>.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/error.h"
#include "base/ranks.h"
#include "cli/commands.h"
#include "cli/stack_limit.h"
#include "cli/version.h"

int main(int argc, char** argv) {
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
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version end well; everything else is the user's to mend.
    return app.exit(error) == 0 ? 0 : cli::kExitUser;
  }
  try {
    cli::check_stack_limit();
    return chosen();
  } catch (const UserError& error) {
    if (first_rank_reports()) return 0;
    fmt::print(stderr, "isobar: {}\n", error.what());
    return cli::kExitUser;
  } catch (const std::exception& error) {
    fmt::print(stderr,
               "isobar: internal error: {}\nThis is a defect of Isobar; please report it.\n",
               error.what());
    return 1;
  }
}
