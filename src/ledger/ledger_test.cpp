#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <stdexcept>

#include "ledger/apportion.h"

namespace isobar::ledger {
namespace {

Convention test_convention() { return {"a test", "2 per cat", "9 lives/s", "ps x chip"}; }

TEST(Ledger, SumsItsTreeExactly) {
  Ledger ledger(100, test_convention());
  ledger.charge({"memory", "dram"}, 30, "sectors / bandwidth");
  ledger.charge({"memory", "local"}, 5);
  ledger.charge({"launch"}, 25);
  ledger.charge({"memory", "dram"}, 10);
  EXPECT_EQ(ledger.charged(), 70U);
  EXPECT_EQ(ledger.root().total(), 70U);
  EXPECT_EQ(ledger.unattributed(), 30);
  EXPECT_FALSE(ledger.is_exact());
  ledger.charge({"useful"}, 30);
  EXPECT_TRUE(ledger.is_exact());
  ASSERT_EQ(ledger.root().children.size(), 3U);
  EXPECT_EQ(ledger.root().children[0].total(), 45U);
  EXPECT_EQ(ledger.root().children[0].children[0].explanation, "sectors / bandwidth");
}

TEST(Ledger, ShowsAnOverchargeAndIsNotExact) {
  Ledger ledger(10, test_convention());
  ledger.charge({"launch"}, 11);
  EXPECT_EQ(ledger.unattributed(), -1);
  EXPECT_FALSE(ledger.is_exact());
}

TEST(Ledger, ChargesLeavesOnly) {
  Ledger ledger(10, test_convention());
  ledger.charge({"memory", "dram"}, 1);
  EXPECT_THROW(ledger.charge({}, 1), std::logic_error);
  EXPECT_THROW(ledger.charge({"memory"}, 1), std::logic_error);
  EXPECT_THROW(ledger.charge({"memory", "dram", "row misses"}, 1), std::logic_error);
  EXPECT_EQ(ledger.charged(), 1U);
  EXPECT_EQ(ledger.root().total(), 1U);
}

TEST(Ledger, RefusesSumsThatWouldNotBeExact) {
  constexpr std::uint64_t kMost = (std::uint64_t{1} << 63U) - 1;
  EXPECT_THROW(Ledger(kMost + 1, test_convention()), std::invalid_argument);
  Ledger ledger(kMost, test_convention());
  ledger.charge({"launch"}, kMost);
  EXPECT_TRUE(ledger.is_exact());
  EXPECT_THROW(ledger.charge({"launch"}, 1), std::overflow_error);
}

TEST(Ledger, WritesItsTreeAsJson) {
  Ledger ledger(100, test_convention());
  ledger.charge({"memory", "dram"}, 30, "why");
  ledger.charge({"\xff not UTF-8"}, 80);
  const auto json = nlohmann::json::parse(ledger.to_json());
  EXPECT_EQ(json["capacity"], 100);
  EXPECT_EQ(json["charged"], 110);
  EXPECT_EQ(json["unattributed"], -10);
  EXPECT_EQ(json["unit"], "ps x chip");
  EXPECT_EQ(json["causes"][0]["charge"], 30);
  EXPECT_EQ(json["causes"][0]["children"][0]["name"], "dram");
  EXPECT_EQ(json["causes"][0]["children"][0]["explanation"], "why");
}

TEST(Apportion, SumsExactlyAndStaysWithinOneOfTheShare) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::uint64_t> weights(1 + random() % 12);
    for (std::uint64_t& w : weights) w = random() % 3 == 0 ? 0 : (random() >> (8 + random() % 50));
    const std::uint64_t amount = random() >> (random() % 64);
    const auto parts = apportion(amount, weights);
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}), amount);
    const std::uint64_t sum = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    if (sum == 0) continue;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const auto floor =
          static_cast<std::uint64_t>(static_cast<unsigned __int128>(amount) * weights[p] / sum);
      ASSERT_TRUE(parts[p] == floor || parts[p] == floor + 1);
    }
  }
}

TEST(Apportion, IsExactWhereTheWeightsSumPasses64Bits) {
  const std::uint64_t most = ~std::uint64_t{0};
  EXPECT_EQ(apportion(300, std::vector<std::uint64_t>{most, most, most}),
            (std::vector<std::uint64_t>{100, 100, 100}));
}

TEST(Apportion, GivesTheLastUnitToTheLargestRemainder) {
  const std::vector<std::uint64_t> thirds{1, 1, 1}, uneven{10, 25, 65};
  EXPECT_EQ(apportion(100, thirds), (std::vector<std::uint64_t>{34, 33, 33}));
  EXPECT_EQ(apportion(10, uneven), (std::vector<std::uint64_t>{1, 3, 6}));
  EXPECT_TRUE(apportion(7, {}).empty());
}

}  // namespace
}  // namespace isobar::ledger
