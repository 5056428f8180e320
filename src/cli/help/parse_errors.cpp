#include "cli/help/parse_errors.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text/nearest.h"

namespace isobar::cli {
namespace {

const CLI::App& deepest(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string full_name(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? command.get_name()
             : full_name(*command.get_parent()) + " " + command.get_name();
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string with_hint(const std::string& nearest, const std::string& where) {
  return fmt::format("({}{} lists them)", nearest.empty() ? "" : nearest + " ", where);
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
  return fmt::format("isobar: no command is called \"{}\" {}", word,
                     with_hint(did_you_mean(word, command_names(app)), "isobar help"));
}

/// "--name=value" is the option "--name".
std::string unknown_option(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  return fmt::format(
      "{}: no option is called \"{}\" {}", full_name(command), name,
      with_hint(did_you_mean(name, option_names(command)), full_name(command) + " --help"));
}

std::string not_expected(const CLI::App& command, const std::string& word) {
  return fmt::format("{}: \"{}\" is not expected here ({} --help shows what is)",
                     full_name(command), word, full_name(command));
}

}  // namespace

std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error,
                                const std::vector<std::string>& arguments) {
  const CLI::App& command = deepest(app);
  const bool none = &command == &app;
  if (none) {
    const auto word = std::ranges::find_if(
        arguments, [](const std::string& argument) { return !argument.starts_with('-'); });
    if (word != arguments.end()) return unknown_command(app, *word);
    if (!arguments.empty()) return unknown_option(app, arguments.front());
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> rest = command.remaining();
    if (!rest.empty())
      return rest.front().starts_with('-') ? unknown_option(command, rest.front())
                                           : not_expected(command, rest.front());
  }
  return fmt::format("{}: {} ({} --help lists the options)", full_name(command), error.what(),
                     full_name(command));
}

}  // namespace isobar::cli
