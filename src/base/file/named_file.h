// The files that come with Isobar are asked for by name: chips, models, clusters. One place says
// what counts as the name and how a wrong one is answered.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace isobar {

/// Is it the path of a file rather than a name: a slash in it, or a file's ending?
[[nodiscard]] bool names_a_path(std::string_view name_or_path);

struct NamedFiles {
  std::string_view thing;                    // "chip"
  std::string_view else_works;               // "a path to a .toml file works too"
  std::vector<std::filesystem::path> files;  // named by their stems
};

/// The file of that name, case and separators ignored ("H100", "isobar_1"). Throws UserError that
/// names the nearest ones.
[[nodiscard]] std::filesystem::path find_named_file(std::string_view name,
                                                    const NamedFiles& catalogue);

}  // namespace isobar
