// Which launches are sampled and what is said of the others, from invented samples whose means can
// be worked out by hand; that the cycles are right is measured by `isobar bench timing`.
#include "timing/sampling.h"

#include <gtest/gtest.h>

namespace isobar::timing {
namespace {

constexpr std::uint64_t kSlots = 128;

LaunchShape shape_of(std::uint64_t entry, std::vector<std::uint64_t> integers = {}) {
  LaunchShape shape;
  shape.entry = entry;
  shape.integers = std::move(integers);
  return shape;
}

/// So many cycles, of which 100 are the launch's latency, for 1000 warp instructions.
CycleTotals took(std::uint64_t cycles) {
  CycleTotals totals;
  totals.cycles = Cycles(cycles);
  totals.capacity = cycles * kSlots;
  totals.charges[static_cast<std::size_t>(Cause::kLaunch)] = 100 * kSlots;
  totals.charges[static_cast<std::size_t>(Cause::kInteger)] = (cycles - 100) * kSlots;
  totals.warp_instructions = 1000;
  return totals;
}

TEST(Scaled, KeepsTheLaunchAndScalesTheWork) {
  const CycleTotals twice = scaled(took(1100), 2000);
  EXPECT_EQ(twice.cycles, Cycles(2100));
  EXPECT_EQ(twice.capacity, 2100 * kSlots);
  EXPECT_EQ(twice.charges[static_cast<std::size_t>(Cause::kLaunch)], 100 * kSlots);
  EXPECT_EQ(twice.unattributed(), 0);
}

TEST(Scaled, SumsExactlyForAnyFactor) {
  for (const std::uint64_t instructions : {1U, 7U, 999U, 1001U, 123457U})
    EXPECT_EQ(scaled(took(1234), instructions).unattributed(), 0) << instructions;
}

TEST(LaunchSampler, TimesAShapeUntilTwoWarmSamplesThenAtDistantOccurrences) {
  LaunchSampler sampler;
  std::vector<int> timed;
  for (int occurrence = 1; occurrence <= 1100; ++occurrence) {
    if (!sampler.wants(shape_of(1))) continue;
    timed.push_back(occurrence);
    sampler.add_sample(took(1000));
  }
  // The first is cold, and so is each check's first; its own neighbour finds the caches warm.
  EXPECT_EQ(timed, (std::vector{1, 2, 3, 16, 17, 128, 129, 1024, 1025}));
}

TEST(LaunchSampler, WarmsCachesForALaunchThatIsDue) {
  LaunchSampler sampler;
  std::vector<int> timed_first, timed_second;
  for (int step = 1; step <= 20; ++step) {
    if (sampler.wants(shape_of(1))) {
      timed_first.push_back(step);
      sampler.add_sample(took(1000));
    }
    if (sampler.wants(shape_of(2))) {
      timed_second.push_back(step);
      sampler.add_sample(took(2000));
    }
  }
  // The second launch of step 15 warms the caches for the first one of step 16, which is due.
  EXPECT_EQ(timed_first, (std::vector{1, 2, 3, 16}));
  EXPECT_EQ(timed_second, (std::vector{1, 2, 15, 16}));
}

TEST(LaunchSampler, GivesOthersTheMeanOfTheirShapeWithAMargin) {
  LaunchSampler sampler;
  for (const std::uint64_t cycles : {5000U, 1000U, 1200U}) {  // the first is cold and not used
    ASSERT_TRUE(sampler.wants(shape_of(1)));
    sampler.add_sample(took(cycles));
  }
  ASSERT_FALSE(sampler.wants(shape_of(1)));
  const auto estimate = sampler.estimate(1000);
  ASSERT_TRUE(estimate.has_value());
  EXPECT_EQ(estimate->totals.cycles, Cycles(1100));
  EXPECT_EQ(estimate->totals.unattributed(), 0);
  // Standard deviation 141, of the mean 100; twice that.
  EXPECT_NEAR(estimate->margin_cycles, 200, 0.5);
}

TEST(LaunchSampler, TellsShapesApartByIntegersUnlessThereAreTooMany) {
  LaunchSampler few;
  for (const std::uint64_t rows : {64U, 128U}) {
    EXPECT_TRUE(few.wants(shape_of(1, {rows})));
    few.add_sample(took(rows * 10));
  }
  LaunchSampler many;  // a seed that is another one each time
  int timed = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    if (!many.wants(shape_of(1, {seed}))) continue;
    ++timed;
    many.add_sample(took(1000));
  }
  EXPECT_LT(timed, 24);
}

TEST(RepresentativeGroups, AreThreeChipFullsOfALargeGridAndAllOfASmallOne) {
  chip::Chip chip;
  chip.core.count = 4;
  chip.core.warps = 32;
  chip.core.work_groups = 16;
  chip.core.local_memory = 64_KiB;
  simt::LaunchConfig config;
  config.local_size = {256, 1, 1};  // eight warps: four groups a core, sixteen on the chip
  config.global_size = {256 * 95, 1, 1};
  EXPECT_TRUE(representative_groups(chip, config).empty());
  config.global_size = {256 * 1000, 1, 1};
  const auto blocks = representative_groups(chip, config);
  ASSERT_EQ(blocks.size(), 3U);
  std::uint64_t sampled = 0, left = 0;
  for (const auto& range : blocks) sampled += range.count;
  for (const auto& range : other_groups(blocks, 1000)) left += range.count;
  EXPECT_EQ(sampled, 48U);
  EXPECT_EQ(sampled + left, 1000U);
}

}  // namespace
}  // namespace isobar::timing
