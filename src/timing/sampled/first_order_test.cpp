// The first-order model against hand calculation on round numbers, and its properties on random
// ones (seed fixed, so a failure repeats).
#include "timing/sampled/first_order.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "chip/chip.h"

namespace isobar::timing {
namespace {

using isa::CostClass;

/// 4 cores, 1 GHz, 32 lanes, fp32 at 128 lanes: 1.024 TFLOP/s; DRAM at 100 GB/s; launch 2 us.
chip::Chip round_chip() {
  return chip::parse_chip(
      "name = \"round\"\nclock = \"1 GHz\"\nlaunch_latency = \"2 us\"\n[core]\ncount = 4\n[l2]\n"
      "size = \"2 MiB\"\nbytes_per_cycle = \"200 B/cycle\"\n[dram]\ncapacity = \"1 GiB\"\n"
      "bandwidth = \"100 GB/s\"\n",
      "round.toml");
}

std::uint64_t& of(simt::Counters& counters, CostClass cost) {
  return counters.warp_instructions[static_cast<std::size_t>(cost)];
}

simt::Counters launch(std::uint64_t groups) {
  simt::Counters counters;
  counters.launches = 1;
  counters.work_groups = groups;
  return counters;
}

TEST(FirstOrder, AnEmptyLaunchTakesItsLatency) {
  const KernelTime time = estimate(round_chip(), launch(0));
  EXPECT_EQ(time.launch, Picoseconds(2'000'000));
  EXPECT_EQ(time.total, time.launch);
}

TEST(FirstOrder, FusedMultiplyAddsAloneAreAllArithmetic) {
  simt::Counters counters = launch(4);
  of(counters, CostClass::kFp32) = 16000;  // 4000 per core, one cycle for each four of them
  counters.flops_fp32 = std::uint64_t{16000} * 32 * 2;  // 1.024 MFLOP at 1.024 TFLOP/s: 1 us
  const KernelTime time = estimate(round_chip(), counters);
  EXPECT_EQ(time.arithmetic, Picoseconds(1'000'000));
  EXPECT_EQ(time.total, time.arithmetic + time.launch);
}

TEST(FirstOrder, OtherInstructionsCostIssueBeyondArithmetic) {
  simt::Counters counters = launch(4);
  of(counters, CostClass::kFp32) = 16000;
  of(counters, CostClass::kIntAlu) = 16000;  // the schedulers take twice as long
  counters.flops_fp32 = std::uint64_t{16000} * 32 * 2;
  const KernelTime time = estimate(round_chip(), counters);
  EXPECT_EQ(time.arithmetic, Picoseconds(1'000'000));
  EXPECT_EQ(time.issue, Picoseconds(1'000'000));
}

TEST(FirstOrder, TheSlowestPipeSetsTheIssueTime) {
  simt::Counters counters = launch(4);
  of(counters, CostClass::kLoad) = 4000;  // 32 of 32 lanes a cycle: 1000 cycles a core
  EXPECT_EQ(estimate(round_chip(), counters).issue, Picoseconds(1'000'000));
  counters = launch(4);
  of(counters, CostClass::kFpSpecial) = 4000;  // 16 lanes a cycle: twice that
  EXPECT_EQ(estimate(round_chip(), counters).issue, Picoseconds(2'000'000));
}

TEST(FirstOrder, TheTailOfTheGridIsPaidFor) {
  simt::Counters four = launch(4), five = launch(5), one = launch(1);
  for (simt::Counters* counters : {&four, &five, &one}) of(*counters, CostClass::kIntAlu) = 16000;
  EXPECT_EQ(estimate(round_chip(), four).issue, Picoseconds(1'000'000));
  // Five groups: the busiest core has two of them, two fifths of the work instead of a quarter.
  EXPECT_EQ(estimate(round_chip(), five).issue, Picoseconds(1'600'000));
  EXPECT_EQ(estimate(round_chip(), one).issue, Picoseconds(4'000'000));
}

TEST(FirstOrder, StreamingIsDram) {
  simt::Counters counters = launch(4);
  of(counters, CostClass::kLoad) = 4000;              // 1 us of issue
  counters.global_sectors = std::uint64_t{4000} * 4;  // 512 kB at 100 GB/s: 5.12 us
  const KernelTime time = estimate(round_chip(), counters);
  EXPECT_EQ(time.issue, Picoseconds(1'000'000));
  EXPECT_EQ(time.dram, Picoseconds(4'120'000));
}

TEST(FirstOrder, BuffersThatFitTheCacheComeFromDramOnce) {
  simt::Counters counters = launch(4);
  counters.global_sectors = 1'000'000;  // 32 MB
  const chip::Chip chip = round_chip();
  EXPECT_EQ(estimate(chip, counters).dram, Picoseconds(320'000'000));
  // 1 MiB of buffers: DRAM takes 10 us, but the cache's 200 GB/s take 160 us.
  EXPECT_EQ(estimate(chip, counters, 1_MiB).dram, Picoseconds(160'000'000));
  // 3 MiB do not fit in 2 MiB.
  EXPECT_EQ(estimate(chip, counters, 3_MiB).dram, Picoseconds(320'000'000));
}

TEST(FirstOrder, LocalMemoryHasItsOwnRoof) {
  simt::Counters counters = launch(4);
  counters.local_bytes = Bytes(std::uint64_t{4} * 128 * 1000);  // 128 B a cycle and core
  EXPECT_EQ(estimate(round_chip(), counters).local_memory, Picoseconds(1'000'000));
}

/// The counts that stand for work; work-groups say how it is spread and are not among them.
std::vector<std::uint64_t*> work_counts(simt::Counters& counters) {
  std::vector<std::uint64_t*> counts{&counters.launches, &counters.flops_fp16, &counters.flops_fp32,
                                     &counters.flops_fp64, &counters.global_sectors};
  for (std::uint64_t& n : counters.warp_instructions) counts.push_back(&n);
  return counts;
}

simt::Counters random_counters(std::mt19937_64& random) {
  simt::Counters counters;
  // Magnitudes from nothing to far beyond what fits a double's 53 bits.
  const auto number = [&] { return random() >> (random() % 64); };
  for (std::uint64_t* n : work_counts(counters)) *n = number();
  counters.work_groups = number();
  counters.local_bytes = Bytes(number());
  return counters;
}

TEST(FirstOrder, PartsAlwaysSumExactlyToTheTotal) {
  std::mt19937_64 random(1);
  const chip::Chip chip = round_chip();
  for (int i = 0; i < 20000; ++i) {
    const KernelTime t = estimate(chip, random_counters(random));
    ASSERT_EQ(t.arithmetic + t.issue + t.local_memory + t.dram + t.launch, t.total);
    ASSERT_LE(std::max({t.arithmetic, t.issue, t.local_memory, t.dram, t.launch}), t.total);
  }
}

TEST(FirstOrder, MoreOfAnyWorkNeverTakesLess) {
  std::mt19937_64 random(2);
  const chip::Chip chip = round_chip();
  for (int i = 0; i < 2000; ++i) {
    simt::Counters counters = random_counters(random);
    const Picoseconds before = estimate(chip, counters).total;
    for (std::uint64_t* n : work_counts(counters)) {
      const std::uint64_t saved = *n;
      *n += std::min(random() >> (random() % 64), ~saved);
      ASSERT_GE(estimate(chip, counters).total, before);
      *n = saved;
    }
    counters.local_bytes += Bytes(random() % 1'000'000);
    ASSERT_GE(estimate(chip, counters).total, before);
  }
}

TEST(FirstOrder, AFasterChipIsNeverSlower) {
  std::mt19937_64 random(3);
  const chip::Chip chip = round_chip();
  chip::Chip faster = chip;
  faster.clock = Hertz(2e9);
  faster.dram.bandwidth = BytesPerSecond(200e9);
  for (int i = 0; i < 2000; ++i) {
    const simt::Counters counters = random_counters(random);
    ASSERT_LE(estimate(faster, counters).total, estimate(chip, counters).total);
  }
}

}  // namespace
}  // namespace isobar::timing
