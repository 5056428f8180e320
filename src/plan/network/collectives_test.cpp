// Against the textbook: a ring moves (n - 1) / n of the data per phase, and what crosses a domain's
// border is counted by hand.
#include "plan/network/collectives.h"

#include <gtest/gtest.h>

namespace isobar::plan {
namespace {

/// Two levels without latency, so that only bytes count: 100 GB/s inside eights, 10 GB/s outside.
Network two_levels() {
  Network network;
  network.levels = {{"domain", 8, 100e9, 0}, {"fabric", 0, 10e9, 0}};
  return network;
}
constexpr Reach kAll{1, 1};

TEST(Collectives, RingWithinADomainMovesEachShareOnce) {
  const Network network = two_levels();
  EXPECT_NEAR(all_gather(network, group_of(8, 1, 8), 8e9, kAll), 7.0 / 8 * 8e9 / 100e9, 1e-12);
  EXPECT_NEAR(all_reduce(network, group_of(8, 1, 8), 8e9, kAll), 2 * 7.0 / 8 * 8e9 / 100e9, 1e-12);
}

/// 64 domains of eight behind leaves of 16 domains and a spine; alpha 1 us inside, 5 us outside.
Network three_levels(double oversubscription = 1) {
  Network network;
  network.levels = {{"domain", 8, 100e9, 1e-6},
                    {"leaf", 128, 10e9, 5e-6},
                    {"spine", 0, 10e9, 5e-6, oversubscription}};
  return network;
}

TEST(Collectives, EachAlgorithmIsItsAlphaBetaFormula) {
  const Network network = three_levels();
  const Group group = group_of(512, 1, 8);
  const double bytes = 1e6;
  // Ring: 2 (n - 1) messages of n-th parts, 64 of its links outside; eight cards carry the border.
  EXPECT_NEAR(all_reduce(Algorithm::kRing, network, group, bytes, kAll),
              2 * (511.0 / 512 * bytes / 80e9 + 448 * 1e-6 + 63 * 5e-6), 1e-12);
  // Double binary tree: log2(64) = 6 levels of domains up and down, a chain of eight in each.
  EXPECT_NEAR(all_reduce(Algorithm::kTree, network, group, bytes, kAll),
              2 * (bytes / 80e9 + 7 * 1e-6 + 6 * 5e-6), 1e-12);
  // Hierarchical: an eighth through each card; nine tenths of the shorter phase overlap.
  const double inside = 7.0 / 8 * bytes / 100e9 + 7e-6;
  const double outside = 63.0 / 64 * bytes / 8 / 10e9 + (2 * 6 + 8) * 5e-6;
  EXPECT_NEAR(all_reduce(Algorithm::kHierarchical, network, group, bytes, kAll),
              2 * (outside + 0.1 * inside), 1e-12);
}

TEST(Collectives, TheFastestAlgorithmDependsOnSizeAndMembersAsInNccl) {
  const Network network = three_levels();
  const auto chosen = [&](std::uint32_t size, double bytes) {
    return fastest_all_reduce(network, group_of(size, 1, 8), bytes, kAll).algorithm;
  };
  EXPECT_EQ(chosen(512, 1e4), Algorithm::kTree) << "latency decides";
  EXPECT_EQ(chosen(512, 1e6), Algorithm::kTree);
  EXPECT_EQ(chosen(16, 1e9), Algorithm::kHierarchical) << "two domains halve what leaves them";
  EXPECT_EQ(chosen(512, 1e11), Algorithm::kRing) << "bandwidth decides, and a ring never waits";
  EXPECT_EQ(chosen(8, 1e4), Algorithm::kRing) << "within a node a tree is a chain";
  for (const double bytes : {1e3, 1e6, 1e9, 1e12})
    for (const std::uint32_t size : {8U, 16U, 128U, 512U})
      for (const Algorithm algorithm :
           {Algorithm::kRing, Algorithm::kTree, Algorithm::kHierarchical})
        EXPECT_LE(all_reduce(network, group_of(size, 1, 8), bytes, kAll),
                  all_reduce(algorithm, network, group_of(size, 1, 8), bytes, kAll));
}

TEST(Collectives, GroupsThatShareAnUplinkDivideIt) {
  // Sixteen domains to a leaf, uplinks oversubscribed four times. One group of all chips sends
  // one message in sixteen up, groups with a member in each leaf send all.
  const auto time = [](Group group, double oversubscription) {
    return all_gather(three_levels(oversubscription), group, 1e12, kAll);
  };
  EXPECT_NEAR(time(group_of(512, 1, 8), 4), time(group_of(512, 1, 8), 1), 1e-9);
  EXPECT_NEAR(time(group_of(4, 128, 8), 4), 4 * time(group_of(4, 128, 8), 1), 1e-4);
  // Two members to a leaf: half of the messages go up.
  EXPECT_NEAR(time(group_of(8, 64, 8), 4), 2 * time(group_of(8, 64, 8), 1), 1e-4);
}

TEST(Collectives, AllToAllSendsMostOfItThroughTheSpine) {
  // Of 64 domains 48 are behind other leaves.
  EXPECT_NEAR(all_to_all(three_levels(4), group_of(512, 1, 8), 1e9, kAll),
              48.0 / 64 * 1e9 / (10e9 / 4) + 5e-6, 1e-9);
}

TEST(Collectives, ARailMakesTokensChangeCardsInsideTheDomain) {
  Network network = two_levels();
  network.levels[0].bandwidth = 10e9;  // so that the inside decides
  network.levels[1].bandwidth = 100e9;
  const double any = all_to_all(network, group_of(64, 1, 8), 64e9, kAll);
  network.levels[1].topology = Topology::kRail;
  // 7 of 64 parts stay inside; of 56 that leave, 7/8 belong to other rails.
  EXPECT_NEAR(all_to_all(network, group_of(64, 1, 8), 64e9, kAll) / any, (7 + 49) / 7.0, 1e-9);
}

TEST(Collectives, NeighboursOnADragonflyRouteAroundTheOneLinkBetweenTheirGroups) {
  Network network = two_levels();
  const double gather = all_gather(network, group_of(64, 8, 8), 1e9, kAll);
  const double spread = all_to_all(network, group_of(64, 8, 8), 1e9, kAll);
  network.levels[1].topology = Topology::kDragonfly;
  EXPECT_NEAR(all_gather(network, group_of(64, 8, 8), 1e9, kAll), 2 * gather, 1e-9);
  EXPECT_NEAR(all_to_all(network, group_of(64, 8, 8), 1e9, kAll), spread, 1e-12);
}

TEST(Collectives, NothingMovesAmongOne) {
  EXPECT_EQ(all_reduce(two_levels(), group_of(1, 1, 8), 1e9, kAll), 0);
  EXPECT_EQ(all_to_all(two_levels(), group_of(1, 1, 8), 1e9, kAll), 0);
}

TEST(Collectives, MembersOfADomainShareTheWayOut) {
  const Network network = two_levels();
  // 32 members, 8 to a domain: each card carries an eighth of three of the four domains' data.
  const double outside = 3.0 / 4 * 32e9 / 8 / 10e9;
  const double inside = 7.0 / 8 * 32e9 / 100e9;
  EXPECT_NEAR(all_gather(network, group_of(32, 1, 8), 32e9, kAll), outside + 0.1 * inside, 1e-9);
  // The same members one to a domain have no help.
  EXPECT_NEAR(all_gather(network, group_of(32, 8, 8), 32e9, kAll), 31.0 / 32 * 32e9 / 10e9, 1e-9);
}

TEST(Collectives, OversubscriptionDividesTheUplink) {
  Network network = two_levels();
  const double full = all_gather(network, group_of(4, 8, 8), 1e9, kAll);
  network.levels[1].oversubscription = 7;
  EXPECT_NEAR(all_gather(network, group_of(4, 8, 8), 1e9, kAll), 7 * full, 1e-9);
}

TEST(Collectives, StrideDecidesWhoIsANeighbour) {
  EXPECT_EQ(group_of(16, 4, 8).per_domain, 2U);
  EXPECT_EQ(group_of(16, 8, 8).per_domain, 1U);
  EXPECT_EQ(group_of(6, 1, 4).per_domain, 3U) << "six do not fill domains of four evenly";
}

TEST(Collectives, NodeLimitedRoutingSendsATokenToFewerNodes) {
  const Network network = two_levels();
  ExpertTraffic traffic;
  traffic.tokens = 4096;
  traffic.token_bytes = 7168;
  traffic.active = 8;
  const double free = expert_exchange(network, group_of(64, 1, 8), traffic, kAll);
  traffic.domain_limit = 4;
  const double limited = expert_exchange(network, group_of(64, 1, 8), traffic, kAll);
  // Eight draws among eight domains reach 8 (1 - (7/8)^8) = 5.25 of them; the limit is 4.
  EXPECT_NEAR(limited / free, 4 / 5.2511, 1e-3);
  EXPECT_NEAR(limited, 4096 * 7168.0 * 4 * 7 / 8 / 10e9, 1e-9);
}

TEST(Collectives, TheBusiestExpertSetsTheTime) {
  const Network network = two_levels();
  ExpertTraffic traffic{4096, 7168, 8, 0, 1};
  const double even = expert_exchange(network, group_of(64, 1, 8), traffic, kAll);
  traffic.imbalance = 1.5;
  EXPECT_NEAR(expert_exchange(network, group_of(64, 1, 8), traffic, kAll), 1.5 * even, 1e-12);
}

TEST(Collectives, MessagesBetweenDomainsUseTheFabric) {
  EXPECT_NEAR(send(two_levels(), 4, 1e9, kAll), 1e9 / 100e9, 1e-12);
  EXPECT_NEAR(send(two_levels(), 8, 1e9, kAll), 1e9 / 10e9, 1e-12);
}

}  // namespace
}  // namespace isobar::plan
