// Where the program begins on the command line of `isobar run`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace isobar::cli {

/// The words behind "isobar", with "--" put before the program of `isobar run` where the user left
/// it out: then everything behind the program is the program's, as with env, nice or timeout. A
/// word there that is an option of `isobar run` too could be meant for either: a CLI::ParseError
/// asks.
[[nodiscard]] std::vector<std::string> separate_program(const CLI::App& app,
                                                        std::vector<std::string> words);

}  // namespace isobar::cli
