// How --help looks, for every command alike: what it does, how it is called, its options in groups,
// each with what it takes, its default and what it goes with, wrapped to the terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace isobar::cli {

class HelpFormat : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_option(const CLI::Option* option, bool positional) const override;
  [[nodiscard]] std::string make_subcommand(const CLI::App* command) const override;
  [[nodiscard]] std::string make_description(const CLI::App* app) const override;
  [[nodiscard]] std::string make_help(const CLI::App* app, std::string name,
                                      CLI::AppFormatMode mode) const override;
  [[nodiscard]] std::string make_footer(const CLI::App* app) const override;
};

/// The group of the options that each command has.
inline constexpr char kCommonOptions[] = "Common options";

/// One option as help, completion and manual have it.
struct OptionText {
  std::string names;                 // "-m, --model"; a positional's name
  std::string value;                 // "N", "X", "FILE", "on|off"; empty for a flag
  std::string help;                  // with default, range and what it excludes
  std::vector<std::string> choices;  // where it takes one of a few
};
[[nodiscard]] OptionText describe(const CLI::Option& option);

/// `text` in lines of at most `width` columns, broken at spaces, each but the first behind `indent`
/// spaces. A longer word stands alone on its line.
[[nodiscard]] std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

}  // namespace isobar::cli
