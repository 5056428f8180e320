// Reads constants.toml: [nominal, low, high] for each key, a source for each, nothing unknown.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/toml_file.h"
#include "fab/constants/constant_table.h"

namespace isobar::fab {
namespace {

/// The table "node.N7": its name is everything after the first point.
const toml::table* table_at(const TomlFile& file, const std::string& path) {
  const std::size_t dot = path.find('.');
  const toml::node* node = file.top.get(path.substr(0, dot));
  if (node != nullptr && dot != std::string::npos)
    node = node->is_table() ? node->as_table()->get(path.substr(dot + 1)) : nullptr;
  return node == nullptr ? nullptr : node->as_table();
}

std::optional<std::string> text_in(const TomlFile& file, const toml::table& in,
                                   const std::string& key) {
  const toml::node* node = in.get(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value || value->empty() || value->size() > 400)
    fail("{}: {} is {} (it must be text in quotes, 1 to 400 characters)", file.where(node), key,
         written(*node));
  return value;
}

void read_ranged(const TomlFile& file, const std::string& path, const std::string& key,
                 Ranged& out) {
  const toml::table* table = table_at(file, path);
  if (table == nullptr) fail("{}:1: [{}] is missing", file.name, path);
  const toml::node* node = table->get(key);
  if (node == nullptr)
    fail("{}: [{}] has no {} (write {} = [nominal, low, high])", file.where(table), path, key, key);
  double numbers[3] = {};
  const toml::array* array = node->as_array();
  bool good = array != nullptr && array->size() == 3;
  for (std::size_t i = 0; good && i < 3; ++i) {
    const auto number = array->get(i)->value<double>();
    good = number && std::isfinite(*number) && *number >= 0 && *number <= 1e13;
    if (good) numbers[i] = *number;
  }
  if (!good)
    fail("{}: {}.{} must be [nominal, low, high], three numbers from 0 to 1e13", file.where(node),
         path, key);
  out.value = numbers[0];
  out.low = numbers[1];
  out.high = numbers[2];
  if (out.low > out.value || out.value > out.high)
    fail("{}: {}.{}: the nominal value {} is not between {} and {}", file.where(node), path, key,
         out.value, out.low, out.high);
  auto source = text_in(file, *table, key + "_source");
  if (!source) source = text_in(file, *table, "source");
  if (!source) fail("{}: {}.{} has no source", file.where(node), path, key);
  out.source = *source;
}

int whole_name(const TomlFile& file, const toml::key& key, const toml::node& node) {
  int number = 0;
  const std::string_view text = key.str();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > 1000)
    fail("{}: [market_node.{}] must be named by nanometres, 1 to 1000", file.where(&node), text);
  return number;
}

void read_node_facts(const TomlFile& file, const toml::table& table, ProcessNode& node) {
  node.foundry = text_in(file, table, "foundry").value_or("");
  const auto planar = text_in(file, table, "planar");
  if (!planar || (*planar != "yes" && *planar != "no"))
    fail("{}: planar must be \"yes\" or \"no\"", file.where(&table));
  node.planar = *planar == "yes";
  const toml::node* size = table.get("nanometres");
  const auto nanometres = size != nullptr ? size->value_exact<std::int64_t>() : std::nullopt;
  if (!nanometres || *nanometres < 1 || *nanometres > 1000)
    fail("{}: nanometres must be a whole number, 1 to 1000", file.where(&table));
  node.nanometres = static_cast<int>(*nanometres);
}

/// Makes an entry in the maps for each table of a group.
void make_entries(const TomlFile& file, Constants& constants) {
  const auto each = [&](const char* group, const auto& make) {
    const toml::node* node = file.top.get(group);
    if (node == nullptr || !node->is_table()) fail("{}:1: [{}.*] is missing", file.name, group);
    for (const auto& [key, entry] : *node->as_table()) {
      if (!entry.is_table()) fail("{}: {} must hold tables", file.where(&entry), group);
      make(key, *entry.as_table());
    }
  };
  each("node", [&](const toml::key& key, const toml::table&) {
    constants.nodes[std::string(key.str())] = {};
  });
  each("interface", [&](const toml::key& key, const toml::table&) {
    constants.interfaces[std::string(key.str())] = {};
  });
  each("memory", [&](const toml::key& key, const toml::table&) {
    constants.memory_prices[std::string(key.str())] = {};
  });
  each("speed", [&](const toml::key& key, const toml::table&) {
    constants.node_speeds[std::string(key.str())] = {};
  });
  each("market_node", [&](const toml::key& key, const toml::table& table) {
    constants.market_nodes[whole_name(file, key, table)] = {};
  });
}

/// The keys of each table, by its name.
using KnownKeys = std::map<std::string, std::vector<std::string>>;

/// A figure's source may stand beside it, as KEY_source.
void refuse_unknown(const TomlFile& file, const KnownKeys& known) {
  const auto check = [&](const std::string& path, const toml::table& table) {
    std::vector<std::string> names{"source"};
    if (path.starts_with("node.")) names.insert(names.end(), {"foundry", "planar", "nanometres"});
    if (const auto own = known.find(path); own != known.end())
      names.insert(names.end(), own->second.begin(), own->second.end());
    for (const auto& [key, node] : table) {
      if (node.is_table()) continue;
      std::string name(key.str());
      constexpr std::string_view kSuffix = "_source";
      if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
      if (std::ranges::find(names, name) == names.end())
        refuse_key(file.where(&node), key.str(), fmt::format("[{}]", path), names);
    }
  };
  std::vector<std::string> groups;
  for (const auto& [path, keys] : known) groups.push_back(path.substr(0, path.find('.')));
  groups.erase(std::ranges::unique(groups).begin(), groups.end());
  for (const auto& [key, node] : file.top) {
    const std::string group(key.str());
    const toml::table* table = node.as_table();
    if (table == nullptr || std::ranges::find(groups, group) == groups.end())
      refuse_key(file.where(&node), group, "a file of constants", groups);
    check(group, *table);
    for (const auto& [inner, entry] : *table)
      if (entry.is_table()) check(group + "." + std::string(inner.str()), *entry.as_table());
  }
}

}  // namespace

Constants parse_constants(std::string_view text, const std::filesystem::path& path) {
  const TomlFile file(text, path.string());
  Constants constants;
  make_entries(file, constants);
  KnownKeys known;
  for_each_constant(constants, [&](const std::string& table, const char* key, Ranged&) {
    known[table].emplace_back(key);
  });
  refuse_unknown(file, known);
  for (auto& [name, node] : constants.nodes)
    read_node_facts(file, *table_at(file, "node." + name), node);
  for_each_constant(constants, [&](const std::string& table, const char* key, Ranged& ranged) {
    read_ranged(file, table, key, ranged);
  });
  return constants;
}

Constants read_constants(const std::filesystem::path& path) {
  return parse_constants(read_text(path, kMostToml), path);
}

}  // namespace isobar::fab
