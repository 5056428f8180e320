#include "plan/network/cluster_file.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/named_file.h"
#include "base/file/paths.h"
#include "base/text/toml.h"
#include "chip/quantity.h"

namespace isobar::plan {
namespace {

/// Reads the keys of one table and complains about those nobody asked for.
class Section {
 public:
  Section(const toml::table& table, std::string name, const std::string& path)
      : table_(table), name_(std::move(name)), path_(path) {}

  [[nodiscard]] std::string text(const char* key, std::string otherwise = {}) {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<std::string>();
    if (!value) wrong(*node, key, "must be text in quotes");
    return *value;
  }
  [[nodiscard]] std::uint32_t count(const char* key, std::uint32_t otherwise, std::int64_t most) {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<std::int64_t>();
    if (!value || *value < 1 || *value > most)
      wrong(*node, key, fmt::format("must be a whole number from 1 to {}", most));
    return static_cast<std::uint32_t>(*value);
  }
  [[nodiscard]] double ratio(const char* key, double otherwise, double low, double high) {
    const toml::node* node = find(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<double>();
    if (!value || !(*value >= low && *value <= high))
      wrong(*node, key, fmt::format("must be a number from {} to {}", low, high));
    return *value;
  }
  [[nodiscard]] double quantity(const char* key, chip::Dimension dimension) {
    const toml::node* node = find(key);
    if (node == nullptr)
      fail("{}:{}: [{}] lacks {}", path_, table_.source().begin.line, name_, key);
    const auto written = node->value<std::string>();
    const auto value = written ? chip::parse_quantity(*written, dimension) : std::nullopt;
    if (!value || *value <= 0)
      wrong(*node, key,
            fmt::format("must be a quantity in one of {}", chip::unit_names(dimension)));
    return *value;
  }
  [[nodiscard]] std::vector<std::uint32_t> counts(const char* key, std::int64_t most) {
    std::vector<std::uint32_t> list;
    const toml::node* node = find(key);
    if (node == nullptr) return list;
    const toml::array* array = node->as_array();
    if (array == nullptr || array->empty()) wrong(*node, key, "must be a list such as [4, 4, 4]");
    for (const toml::node& entry : *array) {
      const auto value = entry.value<std::int64_t>();
      if (!value || *value < 1 || *value > most)
        wrong(entry, key, fmt::format("must hold whole numbers from 1 to {}", most));
      list.push_back(static_cast<std::uint32_t>(*value));
    }
    return list;
  }
  /// Where the section, or one of its keys, stands.
  [[nodiscard]] std::string place(const char* key = nullptr) const {
    const toml::node* node = key == nullptr ? nullptr : table_.get(key);
    return fmt::format("{}:{}", path_, (node == nullptr ? table_ : *node).source().begin.line);
  }
  void allow(const char* key) { known_.emplace_back(key); }
  void finish() const {
    for (const auto& [key, node] : table_)
      if (std::ranges::find(known_, std::string(key.str())) == known_.end())
        wrong(node, key.str(), "is no key of this section (see docs/PLAN.md)");
  }
  [[noreturn]] void wrong(const toml::node& node, std::string_view key,
                          std::string_view what) const {
    fail("{}:{}: {}{}{} {}", path_, node.source().begin.line, name_, name_.empty() ? "" : ".", key,
         what);
  }

 private:
  const toml::node* find(const char* key) {
    known_.emplace_back(key);
    return table_.get(key);
  }
  const toml::table& table_;
  std::string name_;
  const std::string& path_;
  std::vector<std::string> known_;
};

template <class Read>
void each(const toml::table& file, const char* key, const std::string& path, const Read& read) {
  const toml::node* node = file.get(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) fail("{}:{}: write [[{}]]", path, node->source().begin.line, key);
  for (const toml::node& entry : *list) {
    const toml::table* table = entry.as_table();
    if (table == nullptr) fail("{}:{}: write [[{}]]", path, entry.source().begin.line, key);
    read(*table);
  }
}

constexpr std::uint32_t kMostChips = 10'000'000;

Topology read_topology(Section& section, const toml::table& table) {
  constexpr std::array kKnown{
      std::pair{"switched", Topology::kSwitched},  std::pair{"fat-tree", Topology::kSwitched},
      std::pair{"mesh", Topology::kMesh},          std::pair{"ring", Topology::kTorus},
      std::pair{"torus", Topology::kTorus},        std::pair{"rail", Topology::kRail},
      std::pair{"dragonfly", Topology::kDragonfly}};
  const std::string text = section.text("topology", "switched");
  const auto* const found =
      std::ranges::find_if(kKnown, [&](const auto& entry) { return text == entry.first; });
  if (found == kKnown.end())
    section.wrong(*table.get("topology"), "topology",
                  fmt::format("is \"{}\", but must be switched, fat-tree, mesh, ring, torus, rail "
                              "or dragonfly",
                              text));
  return found->second;
}

/// Links from chip to chip make a first level; switches for domains stand above one.
void check_topology(const Section& section, const toml::table& table, const Level& level,
                    bool first) {
  const std::string text = table["topology"].value_or(std::string("switched"));
  const bool between_chips =
      level.topology == Topology::kMesh || level.topology == Topology::kTorus;
  const bool between_domains =
      level.topology == Topology::kRail || level.topology == Topology::kDragonfly;
  if (between_chips && !first)
    section.wrong(*table.get("topology"), "topology",
                  fmt::format("is \"{}\", which joins single chips: only the first level may be "
                              "one",
                              text));
  if (between_domains && first)
    section.wrong(*table.get("topology"), "topology",
                  fmt::format("is \"{}\", which joins domains: the first level cannot be one "
                              "(switched, mesh, ring or torus)",
                              text));
  if (between_chips && level.chips == 0)
    fail("{}: a {} needs its number of chips", section.place("topology"), text);
  if (between_chips && level.oversubscription > 1)
    section.wrong(*table.get("oversubscription"), "oversubscription",
                  fmt::format("has no meaning in a {}: it has no uplinks", text));
  if (level.topology != Topology::kTorus && !level.dimensions.empty())
    section.wrong(*table.get("dimensions"), "dimensions", "belong to a torus");
  if (text == "torus" && level.dimensions.empty())
    fail("{}: a torus needs its dimensions, such as dimensions = [4, 4, 4]",
         section.place("topology"));
  if (level.topology != Topology::kTorus) return;
  if (level.dimensions.size() > (text == "ring" ? 1U : 3U))
    section.wrong(*table.get("dimensions"), "dimensions",
                  text == "ring" ? "of a ring are one" : "of a torus are three at most");
  std::uint64_t product = 1;
  for (const std::uint32_t size : level.dimensions) product *= size;
  if (!level.dimensions.empty() && product != level.chips)
    section.wrong(*table.get("dimensions"), "dimensions",
                  fmt::format("multiply to {}, but the level has {} chips", product, level.chips));
}

Level read_level(const toml::table& table, const std::string& path, bool first) {
  Section section(table, "level", path);
  Level level;
  level.name = section.text("name", "level");
  level.chips = section.count("chips", 0, kMostChips);
  level.bandwidth = section.quantity("bandwidth", chip::Dimension::kBandwidth);
  level.latency = section.quantity("latency", chip::Dimension::kTime);
  level.oversubscription = section.ratio("oversubscription", 1, 1, 100);
  level.topology = read_topology(section, table);
  level.dimensions = section.counts("dimensions", 65536);
  section.allow("source");
  section.allow("note");
  section.finish();
  check_topology(section, table, level, first);
  if (level.topology == Topology::kTorus && level.dimensions.empty())
    level.dimensions = {level.chips};
  return level;
}

void check_levels(const Cluster& cluster, const std::string& path) {
  const std::vector<Level>& levels = cluster.network.levels;
  if (levels.empty()) fail("{}: no [[level]] (the scale-up domain is the first one)", path);
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    if (levels[i].chips == 0)
      fail("{}: level {} must say how many chips it joins (only the last may not)", path,
           levels[i].name);
    if (levels[i + 1].chips != 0 && levels[i + 1].chips % levels[i].chips != 0)
      fail("{}: the {} chips of level {} are not whole blocks of the {} of {} below it", path,
           levels[i + 1].chips, levels[i + 1].name, levels[i].chips, levels[i].name);
    if (levels[i + 1].chips != 0 && levels[i + 1].chips < levels[i].chips)
      fail("{}: level {} joins fewer chips than {} below it", path, levels[i + 1].name,
           levels[i].name);
  }
}

}  // namespace

Cluster parse_cluster(std::string_view text, const std::filesystem::path& file) {
  const std::string path = file.string();
  const toml::table table = parse_toml(text, path);
  Section top(table, "", path);
  Cluster cluster;
  cluster.path = file;
  cluster.name = top.text("name", file.stem().string());
  cluster.description = top.text("description");
  cluster.network.name = cluster.name;
  cluster.network.node_chips = top.count("node_chips", 8, 1024);
  top.allow("group");
  top.allow("level");
  top.allow("source");
  top.finish();
  each(table, "group", path, [&](const toml::table& entry) {
    Section section(entry, "group", path);
    ChipGroup group;
    group.chip = section.text("chip");
    if (group.chip.empty())
      fail("{}:{}: a [[group]] lacks its chip", path, entry.source().begin.line);
    group.chips = section.count("chips", 0, kMostChips);
    if (group.chips == 0)
      fail("{}:{}: a [[group]] lacks its number of chips", path, entry.source().begin.line);
    section.allow("source");
    section.finish();
    cluster.groups.push_back(std::move(group));
  });
  if (cluster.groups.empty()) fail("{}: no [[group]] of chips", path);
  std::uint64_t chips = 0;
  for (const ChipGroup& group : cluster.groups) chips += group.chips;
  if (chips > kMostChips)
    fail("{}: its groups have {} chips together, but at most {} are supported", path, chips,
         kMostChips);
  each(table, "level", path, [&](const toml::table& entry) {
    cluster.network.levels.push_back(read_level(entry, path, cluster.network.levels.empty()));
  });
  check_levels(cluster, path);
  if (cluster.network.levels.front().chips == 0)
    cluster.network.levels.front().chips = cluster.chips();
  return cluster;
}

Cluster read_cluster(const std::filesystem::path& path) {
  return parse_cluster(read_text(path, kMostToml), path);
}

std::vector<std::filesystem::path> list_clusters() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder = share_directory() / "clusters";
  if (!std::filesystem::is_directory(folder)) return paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

Cluster find_cluster(const std::string& name_or_path) {
  if (names_a_path(name_or_path)) return read_cluster(name_or_path);
  return read_cluster(find_named_file(
      name_or_path, {"cluster", "a path to a .toml file works too", list_clusters()}));
}

}  // namespace isobar::plan
