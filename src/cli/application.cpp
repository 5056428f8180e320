#include "cli/application.h"

#include <fmt/format.h>

#include <memory>
#include <sstream>

#include "base/terminal.h"
#include "base/version.h"
#include "cli/help/format.h"
#include "cli/help/parse_errors.h"
#include "cli/process/run_arguments.h"

namespace isobar::cli {
namespace {

/// What each command has.
void add_everywhere(CLI::App& command) {
  CLI::Option* quiet = command.add_flag_callback(
      "-q,--quiet", [] { set_verbosity(Verbosity::kQuiet); },
      "Print results and errors only: no notes, no progress");
  CLI::Option* verbose = command.add_flag_callback(
      "-v,--verbose", [] { set_verbosity(Verbosity::kVerbose); },
      "Also print which files are read and written, what the cache held, and the settings in use");
  quiet->excludes(verbose)->group(kCommonOptions);
  verbose->group(kCommonOptions);
  command.set_help_flag("-h,--help", "Show this help and exit")->group(kCommonOptions);
}

/// "isobar help plan" is "isobar plan --help".
void understand_help(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "help") return;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
}

}  // namespace

void declare(CLI::App& app, Action& chosen) {
  app.name("isobar");
  app.description("Where every percent of an AI chip's peak goes when it trains a language model");
  app.formatter(std::make_shared<HelpFormat>());
  app.set_version_flag("-V,--version", "isobar " + version_text(), "Show the version and exit");
  app.set_help_flag("-h,--help", "Show this help and exit");
  app.require_subcommand(1);

  add_train(app, chosen);
  add_sample(app, chosen);
  add_run(app, chosen);
  add_exec(app, chosen);
  add_explain(app, chosen);
  add_bench(app, chosen);
  add_plan(app, chosen);
  add_chip(app, chosen);
  add_info(app, chosen);
  add_completion(app, chosen);
  add_manual(app, chosen);
  // Last: a command that is made later would have it, too.
  app.footer("isobar help COMMAND shows the options of a command.");
  for (CLI::App* command : app.get_subcommands({})) {
    add_everywhere(*command);
    for (CLI::App* below : command->get_subcommands({})) add_everywhere(*below);
  }
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments) {
  if (arguments.empty()) {
    fmt::print(stderr, "{}", app.help());
    return kExitUser;
  }
  understand_help(arguments);
  try {
    arguments = separate_program(app, std::move(arguments));
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "isobar run: {} (isobar run --help lists the options)\n", error.what());
    return kExitUser;
  }
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return std::nullopt;
  } catch (const CLI::Success& success) {
    // Not straight to std::cout, whose failures keep no reason.
    std::ostringstream out, notes;
    const int code = app.exit(success, out, notes);
    fmt::print("{}", out.str());
    return code;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}\n", explain_parse_error(app, error, arguments));
    return kExitUser;
  }
}

}  // namespace isobar::cli
