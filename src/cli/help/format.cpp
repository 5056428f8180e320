#include "cli/help/format.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/terminal.h"

namespace isobar::cli {
namespace {

constexpr std::size_t kNames = 30;  // columns of the options' names
constexpr std::size_t kWidest = 110;
constexpr std::size_t kNarrowest = 60;

std::size_t columns() { return std::clamp<std::size_t>(terminal_columns(), kNarrowest, kWidest); }

/// CLI11 puts the checks of an option behind the name of its type: "UINT:UINT in [1 - 8]",
/// "TEXT:{a,b}".
struct TypeName {
  std::string type, check;
};
TypeName split_type(const std::string& name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string::npos) return {name, ""};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::vector<std::string> choices_of(const std::string& check) {
  const std::size_t open = check.find('{');
  const std::size_t close = check.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  std::vector<std::string> choices;
  std::istringstream list(check.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(list, choice, ',');) choices.push_back(choice);
  return choices;
}

std::string value_name(const TypeName& type) {
  if (type.type == "UINT" || type.type == "INT") return "N";
  return type.type == "FLOAT" ? "X" : type.type;
}

/// "on" and "off" of the type "on|off", which an option has whose own code checks its values.
std::vector<std::string> alternatives_of(const std::string& type) {
  std::vector<std::string> list;
  if (type.find('|') == std::string::npos) return list;
  std::istringstream text(type);
  for (std::string each; std::getline(text, each, '|');) list.push_back(each);
  return list;
}

/// "1 to 8" for CLI11's "UINT in [1 - 8]".
std::string range_text(std::string check) {
  if (check == "POSITIVE") return "positive";
  const std::size_t open = check.find("in [");
  if (open == std::string::npos || !check.ends_with(']')) return check;
  check = check.substr(open + 4, check.size() - open - 5);
  return CLI::detail::find_and_replace(check, " - ", " to ");
}

/// What CLI11 knows beside the description.
std::string remarks(const CLI::Option& option, const TypeName& type) {
  std::vector<std::string> list;
  if (!option.get_default_str().empty()) list.push_back("default: " + option.get_default_str());
  if (!type.check.empty() && choices_of(type.check).empty()) list.push_back(range_text(type.check));
  const auto names = [&](const char* before, const std::set<CLI::Option*>& others) {
    std::vector<std::string> found;
    for (const CLI::Option* other : others) found.push_back(other->get_name());
    std::ranges::sort(found);
    if (!found.empty()) list.push_back(fmt::format("{} {}", before, fmt::join(found, ", ")));
  };
  names("only with", option.get_needs());
  names("not with", option.get_excludes());
  return fmt::format("{}", fmt::join(list, "; "));
}

/// The remarks join a default that the description ends with: "(default: 5; only with --tokens)".
std::string with_remarks(const std::string& help, const std::string& remarks) {
  if (remarks.empty()) return help;
  const std::size_t open = help.rfind('(');
  if (help.ends_with(')') && open != std::string::npos && help.find("(default:", open) == open)
    return fmt::format("{}; {})", help.substr(0, help.size() - 1), remarks);
  return fmt::format("{} ({})", help, remarks);
}

/// "-m, --model" for CLI11's "-m,--model".
std::string spaced(std::string names) {
  for (std::size_t comma = names.find(','); comma != std::string::npos;
       comma = names.find(',', comma + 2))
    names.insert(comma + 1, " ");
  return names;
}

std::string entry(const std::string& name, const std::string& help) {
  const std::string left = "  " + name;
  const std::string text = wrapped(help, columns() - kNames, kNames);
  if (left.size() + 2 > kNames) return left + "\n" + std::string(kNames, ' ') + text + "\n";
  return left + std::string(kNames - left.size(), ' ') + text + "\n";
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::istringstream words(text);
  std::string result;
  std::size_t used = 0;
  for (std::string word; words >> word;) {
    if (used > 0 && used + 1 + word.size() > width) {
      result += "\n" + std::string(indent, ' ');
      used = 0;
    }
    if (used > 0) result += " ";
    result += word;
    used += (used > 0 ? 1 : 0) + word.size();
  }
  return result;
}

OptionText describe(const CLI::Option& option) {
  OptionText text;
  text.names =
      spaced(option.get_positional() ? option.get_name(true, false) : option.get_name(false, true));
  const TypeName type = split_type(option.get_type_name());
  text.help = option.get_description();
  if (option.get_items_expected_max() == 0) return text;  // a flag
  text.choices = choices_of(type.check);
  if (text.choices.empty()) text.choices = alternatives_of(type.type);
  text.value = !option.get_option_text().empty() ? option.get_option_text()
               : text.choices.empty()            ? value_name(type)
                                                 : fmt::format("{}", fmt::join(text.choices, "|"));
  if (option.get_expected_max() == CLI::detail::expected_max_vector_size) text.value += "...";
  text.help = with_remarks(text.help, remarks(option, type));
  return text;
}

std::string HelpFormat::make_option(const CLI::Option* option, bool positional) const {
  const OptionText text = describe(*option);
  const bool names_alone = positional || text.value.empty();
  return entry(names_alone ? text.names : text.names + " " + text.value, text.help);
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), columns(), 0) + ".\n\n";
}

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  // CLI11 parts groups by two empty lines.
  std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
  while (help.ends_with("\n\n")) help.pop_back();
  return CLI::detail::find_and_replace(help, "\n\n\n", "\n\n");
}

std::string HelpFormat::make_footer(const CLI::App* app) const {
  const std::string footer = app->get_footer();
  return footer.empty() ? "" : "\n" + footer + "\n";
}

}  // namespace isobar::cli
