// What a command line that is not understood is answered with: the thing, the command it was given
// to, and the nearest of what would be understood.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace isobar::cli {

/// One line, without a line end. `arguments`: all, in order, without the program's name.
[[nodiscard]] std::string explain_parse_error(const CLI::App& app, const CLI::ParseError& error,
                                              const std::vector<std::string>& arguments);

}  // namespace isobar::cli
