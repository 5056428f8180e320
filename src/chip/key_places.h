// What reading a chip file needs besides its tables of keys: where a key stands, how a message may
// repeat a user's text, and how far apart two names are. Two readers share it, the machine's
// (chip_file.cpp) and the data sheet's (datasheet_file.cpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/text/toml.h"

namespace isobar::chip {

/// What messages about a file need: its name, and the line of a node or of a missing key's table.
struct File {
  const toml::table& top;
  std::string name;

  [[nodiscard]] const toml::node* find(std::string_view path) const {
    return top.at_path(path).node();
  }
  [[nodiscard]] std::string where(const toml::node* node) const {
    const toml::source_index line = node != nullptr ? node->source().begin.line : 1;
    return fmt::format("{}:{}", name, std::max<toml::source_index>(line, 1));
  }
  /// The place of a key, or of its table where the key itself is not written.
  [[nodiscard]] std::string where(std::string_view path) const {
    if (const toml::node* node = find(path)) return where(node);
    const std::size_t dot = path.find('.');
    return where(dot == std::string_view::npos ? nullptr : find(path.substr(0, dot)));
  }
};

/// Throws UserError at the first key that neither table names.
void refuse_unknown_keys(const toml::table& top, const std::filesystem::path& path);

/// Levenshtein's distance, for "did you mean".
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
/// A user's text as a message may repeat it: printable and not too long.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// A value as the file wrote it, for messages.
[[nodiscard]] std::string written(const toml::node& node);

}  // namespace isobar::chip
