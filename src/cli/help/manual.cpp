#include "cli/help/manual.h"

#include <fmt/format.h>

#include "base/version.h"
#include "cli/command/commands.h"
#include "cli/help/format.h"

namespace isobar::cli {
namespace {

std::string option_entry(const CLI::Option& option) {
  const OptionText text = describe(option);
  const std::string value = text.value.empty() || option.get_positional()
                                ? ""
                                : " \\fI" + troff_text(text.value) + "\\fR";
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}.\n", troff_text(text.names), value,
                     troff_text(text.help));
}

std::string command_section(const CLI::App& command, const std::string& prefix) {
  const std::string name = prefix + command.get_name();
  std::string page =
      fmt::format(".SS {}\n{}.\n", troff_text(name), troff_text(command.get_description()));
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) page += option_entry(*option);
  for (const std::string& group : command.get_groups()) {
    const auto options = command.get_options([&](const CLI::Option* option) {
      return option->get_group() == group && option->nonpositional();
    });
    if (group.empty() || group == kCommonOptions || options.empty()) continue;
    if (group != "Options") page += fmt::format(".PP\n{}:\n", troff_text(group));
    for (const CLI::Option* option : options) page += option_entry(*option);
  }
  for (const CLI::App* below : command.get_subcommands({}))
    page += command_section(*below, name + " ");
  if (!command.get_footer().empty())
    page += fmt::format(".PP\n.nf\n{}\n.fi\n", troff_text(command.get_footer()));
  return page;
}

std::string exit_codes() {
  return fmt::format(
      ".SH EXIT STATUS\n.TP\n0\nSuccess.\n.TP\n1\nThe work failed.\n.TP\n{}\nA wrong option, file "
      "or value; "
      "the message says which.\n.TP\n{}\nA kernel, or the program of \\fBisobar exec\\fR, failed.\n"
      ".TP\n{}\nInterrupted.\n.PP\n\\fBisobar run\\fR returns the exit code of its program, 126 if "
      "the program cannot be run, and 127 if it is not found.\n",
      kExitUser, kExitGuestFault, kExitInterrupted);
}

}  // namespace

std::string troff_text(const std::string& text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
    line_begins = c == '\n';
  }
  return escaped;
}

std::string manual_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH ISOBAR 1 \"\" \"isobar {}\" \"User Commands\"\n.SH NAME\nisobar \\- {}\n.SH SYNOPSIS\n"
      ".B isobar\n.I COMMAND\n[OPTIONS] ...\n.SH COMMANDS\n",
      version_number(), troff_text(app.get_description()));
  for (const CLI::App* command : app.get_subcommands({})) page += command_section(*command, "");
  page += ".SH COMMON OPTIONS\n";
  for (const CLI::Option* option : app.get_subcommands({}).front()->get_options())
    if (option->get_group() == kCommonOptions) page += option_entry(*option);
  return page + exit_codes();
}

}  // namespace isobar::cli
