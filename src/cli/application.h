// The whole command line as declared: every command with its options. What reads it (main), what
// explains it (help, manual, completion) and what tests it take it from here.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command/commands.h"

namespace isobar::cli {

/// Declares all commands on `app`; parsing stores what to run in `chosen`.
void declare(CLI::App& app, Action& chosen);

/// Parses; afterwards `chosen` is what to run. Help and version are printed, and give 0; a command
/// line that is not understood is answered on standard error, and gives kExitUser. Nothing: go on.
[[nodiscard]] std::optional<int> parse(CLI::App& app, std::vector<std::string> arguments);

}  // namespace isobar::cli
