#include "plan/network/cluster_file.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/named_file.h"
#include "base/file/paths.h"
#include "base/text/toml_file.h"
#include "chip/quantity.h"

namespace isobar::plan {
namespace {

constexpr std::uint32_t kMostChips = 10'000'000;

/// A quantity that has to be there.
double quantity(TomlTable& section, const char* key, chip::Dimension dimension) {
  const auto value = chip::parse_quantity(section.needed_text(key), dimension);
  if (!value || *value <= 0)
    section.wrong(key, fmt::format("a quantity in one of {}", chip::unit_names(dimension)));
  return *value;
}

constexpr std::array kTopologyNames{"switched", "fat-tree", "mesh",     "ring",
                                    "torus",    "rail",     "dragonfly"};
constexpr std::array kTopologies{Topology::kSwitched, Topology::kSwitched, Topology::kMesh,
                                 Topology::kTorus,    Topology::kTorus,    Topology::kRail,
                                 Topology::kDragonfly};

/// Links from chip to chip make a first level; switches for domains stand above one.
void check_topology(const TomlTable& section, std::string_view name, const Level& level,
                    bool first) {
  const bool between_chips =
      level.topology == Topology::kMesh || level.topology == Topology::kTorus;
  const bool between_domains =
      level.topology == Topology::kRail || level.topology == Topology::kDragonfly;
  if (between_chips && !first)
    section.refuse(
        "topology",
        fmt::format("is \"{}\", which joins single chips: only the first level may be one", name));
  if (between_domains && first)
    section.refuse("topology",
                   fmt::format("is \"{}\", which joins domains: the first level cannot be one "
                               "(switched, mesh, ring or torus)",
                               name));
  if (between_chips && level.chips == 0)
    fail("{}: a {} needs its number of chips", section.where("topology"), name);
  if (between_chips && level.oversubscription > 1)
    section.refuse("oversubscription",
                   fmt::format("has no meaning in a {}: it has no uplinks", name));
}

void check_dimensions(const TomlTable& section, std::string_view name, const Level& level) {
  if (level.topology != Topology::kTorus && !level.dimensions.empty())
    section.refuse("dimensions", "belong to a torus");
  if (name == "torus" && level.dimensions.empty())
    fail("{}: a torus needs its dimensions, such as dimensions = [4, 4, 4]",
         section.where("topology"));
  if (level.topology != Topology::kTorus) return;
  if (level.dimensions.size() > (name == "ring" ? 1U : 3U))
    section.refuse("dimensions",
                   name == "ring" ? "of a ring are one" : "of a torus are three at most");
  std::uint64_t product = 1;
  for (const std::uint32_t size : level.dimensions) product *= size;
  if (!level.dimensions.empty() && product != level.chips)
    section.refuse("dimensions",
                   fmt::format("multiply to {}, but the level has {} chips", product, level.chips));
}

Level read_level(TomlTable& section, bool first) {
  Level level;
  section.only({"name", "chips", "bandwidth", "latency", "oversubscription", "topology",
                "dimensions", "source", "note"},
               "docs/PLAN.md lists the keys");
  level.name = "level";
  section.text("name", level.name);
  section.whole("chips", level.chips, 1, kMostChips);
  level.bandwidth = quantity(section, "bandwidth", chip::Dimension::kBandwidth);
  level.latency = quantity(section, "latency", chip::Dimension::kTime);
  section.real("oversubscription", level.oversubscription, 1, 100);
  std::size_t topology = 0;
  section.choice("topology", topology, kTopologyNames);
  level.topology = kTopologies.at(topology);
  section.wholes("dimensions", level.dimensions, 1, 65536);
  check_topology(section, kTopologyNames.at(topology), level, first);
  check_dimensions(section, kTopologyNames.at(topology), level);
  if (level.topology == Topology::kTorus && level.dimensions.empty())
    level.dimensions = {level.chips};
  return level;
}

ChipGroup read_group(TomlTable& section) {
  section.only({"chip", "chips", "source"});
  ChipGroup group;
  group.chip = section.needed_text("chip");
  group.chips = static_cast<std::uint32_t>(section.needed_whole("chips", 1, kMostChips));
  return group;
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
  TomlTable top(table, path, "a cluster file");
  Cluster cluster;
  cluster.path = file;
  cluster.name = file.stem().string();
  top.text("name", cluster.name);
  top.text("description", cluster.description);
  cluster.network.name = cluster.name;
  cluster.network.node_chips = 8;
  top.whole("node_chips", cluster.network.node_chips, 1, 1024);
  std::vector<TomlTable> groups = top.sections("group"), levels = top.sections("level");
  top.allow("source");
  top.finish();
  for (TomlTable& section : groups) cluster.groups.push_back(read_group(section));
  if (cluster.groups.empty()) fail("{}: no [[group]] of chips", path);
  std::uint64_t chips = 0;
  for (const ChipGroup& group : cluster.groups) chips += group.chips;
  if (chips > kMostChips)
    fail("{}: its groups have {} chips together, but at most {} are supported", path, chips,
         kMostChips);
  for (TomlTable& section : levels)
    cluster.network.levels.push_back(read_level(section, cluster.network.levels.empty()));
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
