// Against the textbook: a ring moves (n - 1) / n of the data per phase, and what crosses a domain's
// border is counted by hand.
#include "cluster/collectives.h"

#include <gtest/gtest.h>

namespace isobar::cluster {
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
}  // namespace isobar::cluster
