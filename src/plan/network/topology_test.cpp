// Against counts by hand: which links of a ring, a torus or a mesh lead to a group's members, and
// what must cross the fullest of them.
#include "plan/network/topology.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "plan/network/cluster_file.h"
#include "plan/network/collectives.h"

namespace isobar::plan {
namespace {

using ::testing::HasSubstr;

Level level_of(Topology topology, std::uint32_t chips, std::vector<std::uint32_t> dimensions = {}) {
  return {"links", chips, 60e9, 0, 1, topology, std::move(dimensions)};
}

/// Bytes over the fullest directed link of a ring of n (or a line) when each chip sends one byte to
/// every chip the shortest way; ways of equal length take half each.
double fullest_link(int n, bool wraps) {
  std::vector<double> right(static_cast<std::size_t>(n)), left(right.size());
  const auto carry = [&](std::vector<double>& links, int from, int hops, int sign, double bytes) {
    for (int i = 0; i < hops; ++i)
      links[static_cast<std::size_t>(((from + sign * i) % n + n) % n)] += bytes;
  };
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b) {
      const int way = (b - a + n) % n;
      if (!wraps) {
        b > a ? carry(right, a, b - a, 1, 1) : carry(left, a, a - b, -1, 1);
      } else if (2 * way == n) {
        carry(right, a, way, 1, 0.5);
        carry(left, a, way, -1, 0.5);
      } else {
        2 * way < n ? carry(right, a, way, 1, 1) : carry(left, a, n - way, -1, 1);
      }
    }
  return std::max(std::ranges::max(right), std::ranges::max(left));
}

TEST(Topology, AllToAllOnARingIsHeldUpByItsFullestLink) {
  for (const int n : {4, 8, 16, 32}) {
    const auto chips = static_cast<std::uint32_t>(n);
    const double per_link = 60e9 / 2;
    // A byte to each: n - 1 leave a chip.
    const double ring =
        (n - 1) / exchange_bandwidth(level_of(Topology::kTorus, chips, {chips}), {chips, 1});
    EXPECT_NEAR(ring, fullest_link(n, true) / per_link, 1e-9 * ring) << n;
    // Half of a larger ring is a line.
    const double line =
        (n - 1) /
        exchange_bandwidth(level_of(Topology::kTorus, 4 * chips, {4 * chips}), {chips, 1});
    EXPECT_NEAR(line, fullest_link(n, false) / per_link, 1e-9 * line) << n;
  }
}

TEST(Topology, ATorusGathersAlongAllDimensionsThatAGroupFills) {
  const Level torus = level_of(Topology::kTorus, 64, {4, 4, 4});
  EXPECT_EQ(gather_bandwidth(torus, {64, 1}), 60e9);
  EXPECT_EQ(gather_bandwidth(torus, {16, 1}), 40e9) << "a plane has two of three dimensions";
  EXPECT_EQ(gather_bandwidth(torus, {4, 1}), 20e9);
  EXPECT_EQ(gather_bandwidth(torus, {4, 16}), 20e9) << "a ring along the last dimension";
  EXPECT_EQ(gather_bandwidth(torus, {2, 1}), 10e9) << "a line of two uses one link";
  EXPECT_EQ(gather_hops(torus, {64, 1}), 3 * 2) << "half way round each of three rings";
}

TEST(Topology, InterleavedGroupsShareTheLinksBetweenTheirMembers) {
  const Level ring = level_of(Topology::kTorus, 16, {16});
  const double alone = gather_bandwidth(ring, {16, 1});
  EXPECT_EQ(gather_bandwidth(ring, {8, 2}), alone / 2) << "two groups on every link";
  EXPECT_EQ(gather_bandwidth(ring, {4, 4}), alone / 4);
}

TEST(Topology, AMeshGivesAGroupTheLinksToItsMembers) {
  // MI300X: eight chips, seven links each.
  const Level mesh = level_of(Topology::kMesh, 8);
  EXPECT_EQ(gather_bandwidth(mesh, {8, 1}), 60e9);
  EXPECT_NEAR(gather_bandwidth(mesh, {2, 1}), 60e9 / 7, 1);
  EXPECT_NEAR(exchange_bandwidth(mesh, {4, 1}), 60e9 * 3 / 7, 1);
  EXPECT_NEAR(send_bandwidth(mesh), 60e9 / 7, 1);
  EXPECT_EQ(gather_hops(mesh, {8, 1}), 1) << "everyone is a neighbour";
}

std::string answer(const std::string& levels) {
  try {
    (void)parse_cluster("[[group]]\nchip = \"h100\"\nchips = 64\n" + levels, "c.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "read";
}

TEST(Topology, AClusterFileNamesItAndIsHeldToItsRules) {
  const std::string figures = "bandwidth = \"4 GB/s\"\nlatency = \"1 us\"\n";
  const std::string torus = "[[level]]\nchips = 64\n" + figures + "topology = \"torus\"\n";
  EXPECT_EQ(answer(torus + "dimensions = [4, 4, 4]\n"), "read");
  EXPECT_THAT(answer(torus + "dimensions = [4, 4]\n"),
              HasSubstr("c.toml:9: level.dimensions multiply to 16, but the level has 64 chips"));
  EXPECT_THAT(answer(torus), HasSubstr("c.toml:8: a torus needs its dimensions"));
  EXPECT_THAT(answer(torus + "dimensions = [2, 2, 4, 4]\n"), HasSubstr("three at most"));
  EXPECT_THAT(answer(torus + "dimensions = [4, 0, 4]\n"), HasSubstr("c.toml:9: level.dimensions"));
  EXPECT_THAT(
      answer("[[level]]\nchips = 8\n" + figures + "topology = \"star\"\n"),
      HasSubstr("c.toml:8: level.topology is \"star\" (it must be \"switched\", \"fat-tree\""));
  EXPECT_THAT(answer("[[level]]\nchips = 8\n" + figures + "topology = \"rail\"\n"),
              HasSubstr("c.toml:8: level.topology is \"rail\", which joins domains"));
  const std::string domain = "[[level]]\nchips = 8\n" + figures;
  EXPECT_EQ(
      answer(domain + "topology = \"mesh\"\n[[level]]\n" + figures + "topology = \"dragonfly\"\n"),
      "read");
  EXPECT_THAT(answer(domain + "[[level]]\nchips = 64\n" + figures + "topology = \"ring\"\n"),
              HasSubstr("c.toml:12: level.topology is \"ring\", which joins single chips"));
  EXPECT_THAT(answer(domain + "topology = \"mesh\"\noversubscription = 2\n"),
              HasSubstr("c.toml:9: level.oversubscription has no meaning in a mesh"));
  EXPECT_THAT(answer(domain + "dimensions = [8]\n"), HasSubstr("belong to a torus"));
  EXPECT_THAT(answer(domain + "[[level]]\nchips = 20\n" + figures),
              HasSubstr("not whole blocks of the 8"));
}

}  // namespace
}  // namespace isobar::plan
