#include "cli/help/completion.h"

#include <fmt/ranges.h>

#include <vector>

#include "cli/help/format.h"

namespace isobar::cli {
namespace {

std::vector<std::string> option_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

std::vector<const CLI::Option*> named_options(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

/// The words that an option's value, or a positional, can be: shell source, or nothing (files).
std::string words_of(const CLI::Option& option) {
  const OptionText text = describe(option);
  if (!text.choices.empty()) return fmt::format("{}", fmt::join(text.choices, " "));
  const std::string_view catalogue = catalogue_of(option);
  return catalogue.empty() ? ""
                           : fmt::format("$(isobar completion --names {} 2>/dev/null)", catalogue);
}

std::string bash_command(const CLI::App& command) {
  std::string values, positional;
  std::vector<std::string> words;
  for (const CLI::Option* option : named_options(command)) {
    const auto names = option_names(*option);
    words.insert(words.end(), names.begin(), names.end());
    if (option->get_type_size() == 0) continue;
    const std::string choices = words_of(*option);
    values += fmt::format("        {}) words=\"{}\"; files={} ;;\n", fmt::join(names, "|"), choices,
                          choices.empty() ? "yes" : "no");
  }
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) positional += words_of(*option);
  return fmt::format(
      "    {})\n      options=\"{}\"\n      case $before in\n{}        *) words=\"{}\"; files=yes "
      ";;\n      esac ;;\n",
      command.get_name(), fmt::join(words, " "), values, positional);
}

std::string quoted(const std::string& text, const std::string& special) {
  std::string result;
  for (const char c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += special.find(c) == std::string::npos ? std::string(1, c) : std::string("\\") + c;
  }
  return result;
}

std::string zsh_command(const CLI::App& command) {
  std::string specs;
  for (const CLI::Option* option : named_options(command)) {
    const OptionText text = describe(*option);
    const std::string words = words_of(*option);
    const std::string action = words.empty() ? "_files" : "(" + words + ")";
    for (const std::string& name : option_names(*option)) {
      specs += fmt::format(" \\\n        '{}[{}]", name, quoted(text.help, "[]:\\"));
      specs += text.value.empty() ? "'" : fmt::format(":{}:'\"{}\"", name, action);
    }
  }
  return fmt::format("    {})\n      _arguments -s{} \\\n        '*:file:_files' ;;\n",
                     command.get_name(), specs);
}

std::string fish_option(const CLI::App& command, const CLI::Option& option) {
  const OptionText text = describe(option);
  std::string line =
      fmt::format("complete -c isobar -n '__fish_seen_subcommand_from {}'", command.get_name());
  for (const std::string& name : option.get_lnames()) line += " -l " + name;
  for (const std::string& name : option.get_snames()) line += " -s " + name;
  line += fmt::format(" -d '{}'", quoted(text.help, "\\"));
  std::string words = words_of(option);
  if (words.starts_with("$(")) words = words.substr(1);  // fish before 3.4 has no $()
  if (!text.value.empty()) line += words.empty() ? " -rF" : fmt::format(" -xa '{}'", words);
  return line + "\n";
}

}  // namespace

std::string_view catalogue_of(const CLI::Option& option) {
  if (option.check_lname("chip") || option.get_name(true, false) == "chips") return "chips";
  if (option.check_lname("model")) return "models";
  if (option.check_lname("cluster")) return "clusters";
  return "";
}

std::string bash_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    cases += bash_command(*command);
  }
  return fmt::format(R"(# bash completion of isobar; made by: isobar completion bash
_isobar() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local command=${{COMP_WORDS[1]}} options="" words="" files=no
  if [[ $COMP_CWORD == 1 ]]; then
    COMPREPLY=($(compgen -W "{} help --help --version" -- "$current"))
    return
  fi
  case $command in
{}    help) words="{}" ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ $files == yes ]] && COMPREPLY+=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _isobar isobar
)",
                     commands, cases, commands);
}

std::string zsh_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += fmt::format("    '{}:{}'\n", command->get_name(),
                            quoted(command->get_description(), ":\\"));
    cases += zsh_command(*command);
  }
  return fmt::format(R"(#compdef isobar
# zsh completion of isobar; made by: isobar completion zsh
_isobar() {{
  local -a commands=(
{})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
if [[ $funcstack[1] == _isobar ]]; then _isobar "$@"; else compdef _isobar isobar; fi
)",
                     commands, cases);
}

std::string fish_completion(const CLI::App& app) {
  std::string lines = "# fish completion of isobar; made by: isobar completion fish\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    lines += fmt::format("complete -c isobar -f -n __fish_use_subcommand -a {} -d '{}'\n",
                         command->get_name(), quoted(command->get_description(), "\\"));
    for (const CLI::Option* option : named_options(*command))
      lines += fish_option(*command, *option);
  }
  return lines;
}

}  // namespace isobar::cli
