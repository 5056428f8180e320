// Options that count only in some of a command's modes: where one is given that the chosen mode
// would pass over, the command ends before its work. tests/cli/idle_options.py tries every option
// in every mode.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace isobar::cli {

/// Throws UserError for an option that was given and is not among `minded` (by any of its names),
/// naming the mode: an option such as "--sweep", or words. What every command has is minded.
void refuse_idle(const CLI::App& command, std::string_view mode,
                 const std::vector<std::string_view>& minded);

}  // namespace isobar::cli
