// What a shell proposes when somebody presses Tab: commands, options, the values of those that take
// one of a few, and the names of chips, models and clusters. Made from the same declarations as
// --help, for bash, zsh and fish.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace isobar::cli {

[[nodiscard]] std::string bash_completion(const CLI::App& app);
[[nodiscard]] std::string zsh_completion(const CLI::App& app);
[[nodiscard]] std::string fish_completion(const CLI::App& app);

/// Which catalogue an option's value is a name of: "chips", "models", "clusters"; or nothing.
[[nodiscard]] std::string_view catalogue_of(const CLI::Option& option);

}  // namespace isobar::cli
