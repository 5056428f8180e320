#include "chip/chip_keys.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "chip/datasheet.h"
#include "chip/parameters.h"

namespace isobar::chip {
namespace {

/// Every key that a chip file may have, the machine's and the data sheet's.
struct ChipKeys {
  ChipKeys() {
    const auto add = [this](std::string_view path) {
      if (const std::size_t dot = path.find('.'); dot != std::string_view::npos)
        sections.emplace(path.substr(0, dot));
      known.emplace_back(path);
    };
    for (const Parameter& row : parameters()) add(row.path);
    for (const DatasheetParameter& row : datasheet_parameters()) add(row.path);
  }
  /// A key with a dot of its own would pass for one inside a table.
  void check(const TomlFile& file, const toml::key& key, const std::string& path) const {
    const bool there = is_datasheet_key(path) || std::ranges::find(known, path) != known.end();
    if (there && key.str().find('.') == std::string_view::npos) return;
    std::vector<std::string> meant = known;
    if (path.find('.') == std::string::npos)
      meant.insert(meant.end(), sections.begin(), sections.end());
    refuse_key(fmt::format("{}:{}", file.name, key.source().begin.line), path, "a chip file", meant,
               "docs/CHIP_FILE.md lists the keys");
  }

  std::set<std::string, std::less<>> sections;
  std::vector<std::string> known;
};

}  // namespace

void refuse_unknown_keys(const TomlFile& file) {
  const ChipKeys keys;
  for (const auto& [key, node] : file.top) {
    const std::string name(key.str());
    if (keys.sections.contains(name)) {
      const toml::table* table = node.as_table();
      if (table == nullptr)
        fail("{}: {} must be a table (write [{}] and its keys below)", file.where(&node), name,
             name);
      for (const auto& [inner, value] : *table)
        keys.check(file, inner, fmt::format("{}.{}", name, inner.str()));
    } else {
      keys.check(file, key, name);
    }
  }
}

}  // namespace isobar::chip
