// Which launches are sampled and what is said of the others, from invented samples whose means can
// be worked out by hand; that the cycles are right is measured by `isobar bench timing`.
#include "timing/sampled/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace isobar::timing {
namespace {

constexpr std::uint64_t kSlots = 128;

LaunchShape shape_of(std::uint64_t entry, std::vector<std::uint64_t> integers = {}) {
  LaunchShape shape;
  shape.entry = entry;
  shape.integers = std::move(integers);
  return shape;
}

/// Of a chip whose second level holds so much.
chip::Chip chip_with(Bytes cache) {
  chip::Chip chip;
  chip.l2.size = cache;
  return chip;
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

/// A program that launches these kernels over and over: the indices of the launches timed.
std::vector<int> timed_of(LaunchSampler& sampler, const std::vector<std::uint64_t>& step,
                          int launches) {
  std::vector<int> timed;
  for (int i = 0; i < launches; ++i) {
    if (!sampler.wants(shape_of(step[static_cast<std::size_t>(i) % step.size()]), {})) continue;
    timed.push_back(i);
    sampler.add_sample({took(1000), 0}, 1000);
  }
  return timed;
}

std::vector<int> range(int first, int last) {
  std::vector<int> all(static_cast<std::size_t>(last - first));
  std::iota(all.begin(), all.end(), first);
  return all;
}

TEST(LaunchSampler, TimesAStepAndALittleOfARepeatingProgramThenAsMuchAtDistantLaunches) {
  const chip::Chip chip = chip_with(1_MiB);
  LaunchSampler sampler(chip);
  const std::vector<std::uint64_t> step{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::vector<int> expected = range(0, 15);  // launch 10 is the last novelty: kernel 1 behind 10
  for (const int check : {64 * 15, 64 * 64 * 15})
    std::ranges::copy(range(check, check + 15), std::back_inserter(expected));
  EXPECT_EQ(timed_of(sampler, step, 62000), expected);
}

TEST(LaunchSampler, TimesALaterNoveltyAndWhatFollowsIt) {
  const chip::Chip chip = chip_with(1_MiB);
  LaunchSampler sampler(chip);
  (void)timed_of(sampler, {1, 2, 3}, 51);
  ASSERT_FALSE(sampler.wants(shape_of(1), {}));
  EXPECT_TRUE(sampler.wants(shape_of(9), {}));
  sampler.add_sample({took(500), 0}, 1000);
  EXPECT_TRUE(sampler.wants(shape_of(2), {}));  // behind 9: new too
}

TEST(LaunchSampler, GivesOthersTheMeanOfTheirWarmSamplesWithAMargin) {
  const chip::Chip chip = chip_with(1_MiB);
  LaunchSampler sampler(chip);
  // The first two launches fill the cache and are not used, whatever they took.
  for (std::size_t i = 0; sampler.wants(shape_of(1), {}); ++i) {
    CycleTotals totals = took(i < 2 ? 5000 : i % 2 == 0 ? 1000 : 1200);
    totals.memory.dram_read_bytes = (512_KiB).count();
    sampler.add_sample({totals, 0}, 1000);
    ASSERT_LT(i, 10U);
  }
  const auto estimate = sampler.estimate(1000);
  ASSERT_TRUE(estimate.has_value());
  EXPECT_NEAR(static_cast<double>(estimate->totals.cycles.count()), 1100, 40);
  EXPECT_EQ(estimate->totals.unattributed(), 0);
  EXPECT_GT(estimate->margin_cycles, 50);  // standard deviation of about 110, a few samples
  EXPECT_LT(estimate->margin_cycles, 250);
}

TEST(LaunchSampler, TellsALaunchByTheOneBefore) {
  const chip::Chip chip = chip_with(0_KiB);
  LaunchSampler sampler(chip);
  // Kernel 2 takes 1000 behind 1 and 3000 behind itself.
  const std::vector<std::uint64_t> step{1, 2, 2};
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t kernel = step[static_cast<std::size_t>(i) % 3];
    if (sampler.wants(shape_of(kernel), {}))
      sampler.add_sample({took(i % 3 == 2 ? 3000 : 1000), 0}, 1000);
    else
      EXPECT_EQ(sampler.estimate(1000)->totals.cycles, Cycles(i % 3 == 2 ? 3000 : 1000)) << i;
  }
}

TEST(LaunchSampler, TellsShapesApartByIntegersUnlessThereAreTooMany) {
  const chip::Chip chip = chip_with(0_KiB);
  LaunchSampler sampler(chip);  // a seed that is another one each time
  int timed = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    if (!sampler.wants(shape_of(1, {seed}), {})) continue;
    ++timed;
    sampler.add_sample({took(1000), 0}, 1000);
  }
  EXPECT_GE(timed, 16);
  EXPECT_LT(timed, 60);
}

TEST(RepresentativeGroups, AreThreeBlocksOfALargeGridAndAllOfASmallOne) {
  chip::Chip chip;
  chip.core.count = 4;
  chip.core.warps = 32;
  chip.core.work_groups = 16;
  chip.core.local_memory = 64_KiB;
  simt::LaunchConfig config;
  config.local_size = {256, 1, 1};  // eight warps: four groups a core, sixteen on the chip
  config.global_size = {256 * 383, 1, 1};
  EXPECT_TRUE(representative_groups(chip, config).empty());
  config.global_size = {256 * 1000, 1, 1};
  const auto blocks = representative_groups(chip, config);
  ASSERT_EQ(blocks.size(), 3U);
  std::uint64_t sampled = 0;
  for (const auto& range : blocks) sampled += range.count;
  EXPECT_EQ(sampled, 192U);
  EXPECT_EQ(blocks.back().first + blocks.back().count, 1000U);
}

}  // namespace
}  // namespace isobar::timing
