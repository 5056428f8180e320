// A cluster, as its TOML file describes it: which chips, how many, and the levels of the network
// between them with the source of every figure. More than one kind of chip may share the stages of
// a pipeline.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plan/network/machine.h"

namespace isobar::plan {

/// Chips of one kind, whole pipeline stages of which they fill.
struct ChipGroup {
  std::string chip;  // a chip file's name
  std::uint32_t chips = 0;
};

struct Cluster {
  std::string name, description;
  std::filesystem::path path;
  std::vector<ChipGroup> groups;  // at least one
  Network network;
  [[nodiscard]] std::uint32_t chips() const {
    std::uint32_t sum = 0;
    for (const ChipGroup& group : groups) sum += group.chips;
    return sum;
  }
};

/// Throws UserError "<file>:<line>: <what is wrong> (<what would be right>)".
[[nodiscard]] Cluster read_cluster(const std::filesystem::path& path);
[[nodiscard]] Cluster parse_cluster(std::string_view text, const std::filesystem::path& path);
/// Finds a cluster by path, or by name among share/isobar/clusters; a wrong name lists the right
/// ones.
[[nodiscard]] Cluster find_cluster(const std::string& name_or_path);
[[nodiscard]] std::vector<std::filesystem::path> list_clusters();

}  // namespace isobar::plan
