// What work that is not timed leaves in the caches and moves through them, held against the same
// work on the timed machine. Counts of sectors and bytes are compared; where the order in which
// warps run decides what is evicted, within the tolerance that is stated.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "timing/sampled/extrapolation.h"
#include "timing/sampled/sampling.h"
#include "timing/testing/timed_guest.h"

namespace isobar::timing {
namespace {

constexpr char kInPlace[] = R"(
struct args { float *a; };
KERNEL(struct args) { a->a[gid()] = a->a[gid()] * 2 + 1; })";
// A hash, so that every sector of the table is read by chance.
constexpr char kGather[] = R"(
struct args { u32 *in, *out; u64 mask; };
KERNEL(struct args) {
  u32 i = (u32)gid();
  i = (i ^ i >> 16) * 0x7feb352du;
  i = (i ^ i >> 15) * 0x846ca68bu;
  a->out[gid()] = a->in[(i ^ i >> 16) & a->mask];
})";
constexpr char kCount[] = R"(
struct args { u32 *bins; };
KERNEL(struct args) { __atomic_fetch_add(&a->bins[gid()], 1, 5); })";

chip::Chip small_caches() {
  chip::Chip chip = nano();
  chip.l1.size = 16_KiB;
  chip.l2.size = 256_KiB;
  return chip;
}

double read_by(const MemoryEvents& events) { return static_cast<double>(events.dram_read_bytes); }
double bytes_of(const MemoryEvents& events) {
  return static_cast<double>(events.dram_read_bytes + events.dram_write_bytes);
}

constexpr std::uint64_t kGroup = 64;

/// The same launches on two machines: timed all, and all but the last passed.
class BothWays {
 public:
  BothWays(const std::string& text, const chip::Chip& chip)
      : timed_(text, chip), other_(text, chip) {}
  void buffer(std::uint64_t bytes) {
    timed_.buffer<float>(bytes / 4);
    other_.buffer<float>(bytes / 4);
  }
  void argument(std::uint64_t value) {
    timed_.argument(value);
    other_.argument(value);
  }
  /// Bytes of DRAM that a launch moved, passed, over what it moves timed.
  double passed(std::uint64_t items) {
    const double timed = bytes_of(timed_.time(items, kGroup).memory);
    return bytes_of(other_.pass(items, kGroup).work.memory) / timed;
  }
  /// The same of a launch that is timed on both, behind one that was passed here.
  double behind(std::uint64_t items) {
    const double timed = bytes_of(timed_.time(items, kGroup).memory);
    return bytes_of(other_.time(items, kGroup).memory) / timed;
  }

 private:
  TimedGuest timed_, other_;
};

TEST(CacheWarmer, MovesWhatTheTimedMachineMovesAndLeavesWhatItLeaves) {
  constexpr std::uint64_t kBytes = 1 << 20;  // four times the second level
  BothWays both(kInPlace, small_caches());
  both.buffer(kBytes);
  for (int launch = 0; launch < 3; ++launch)
    EXPECT_NEAR(both.passed(kBytes / 4), 1, 0.01) << launch;
  // Were its dirty lines forgotten, this one would write a quarter less.
  EXPECT_NEAR(both.behind(kBytes / 4), 1, 0.01);
}

TEST(CacheWarmer, KeepsWhatFitsSoThatNothingMoves) {
  constexpr std::uint64_t kBytes = 128 << 10;
  TimedGuest guest(kInPlace, small_caches());
  guest.buffer<float>(kBytes / 4);
  constexpr double kArguments = 32, kCode = 2048;  // the latter is not passed
  EXPECT_EQ(bytes_of(guest.pass(kBytes / 4, kGroup).work.memory), kBytes + kArguments);
  EXPECT_EQ(bytes_of(guest.pass(kBytes / 4, kGroup).work.memory), 0);
  EXPECT_LE(bytes_of(guest.time(kBytes / 4, kGroup).memory), kCode);
}

/// What is written is left out: guests are compiled without optimisation, and how often a stack's
/// line is evicted depends on how warps take turns.
TEST(CacheWarmer, AgreesOnReadsAnywhere) {
  constexpr double kCode = 1024;
  for (const std::uint64_t table : {8U << 10U, 128U << 10U, 1024U << 10U}) {
    const chip::Chip chip = small_caches();
    TimedGuest timed(kGather, chip), passed(kGather, chip);
    for (TimedGuest* guest : {&timed, &passed}) {
      guest->buffer<float>(table / 4);
      guest->buffer<float>(64 << 10);
      guest->argument(table / 4 - 1);
    }
    for (int launch = 0; launch < 2; ++launch) {
      const double truth = read_by(timed.time(64 << 10, kGroup).memory);
      EXPECT_NEAR(read_by(passed.pass(64 << 10, kGroup).work.memory), truth, 0.01 * truth + kCode)
          << table << ", launch " << launch;
    }
    const double truth = read_by(timed.time(64 << 10, kGroup).memory);
    EXPECT_NEAR(read_by(passed.time(64 << 10, kGroup).memory), truth, 0.01 * truth + 2 * kCode)
        << table;
  }
}

TEST(CacheWarmer, AgreesOnAtomicsAndWriteBackCaches) {
  chip::Chip writes_back = small_caches();
  writes_back.l1.write_policy = chip::WritePolicy::kWriteBack;
  for (const chip::Chip& chip : {small_caches(), writes_back}) {
    for (const char* text : {kCount, kInPlace}) {
      BothWays both(text, chip);
      both.buffer(512 << 10);
      for (int launch = 0; launch < 3; ++launch)
        EXPECT_NEAR(both.passed(128 << 10), 1, 0.03)
            << static_cast<int>(chip.l1.write_policy) << launch << text;
      EXPECT_NEAR(both.behind(128 << 10), 1, 0.03)
          << static_cast<int>(chip.l1.write_policy) << text;
    }
  }
}

TEST(CacheWarmer, ComputesAndCountsWhatAFunctionalLaunchDoes) {
  TimedGuest passed(kInPlace, nano()), functional(kInPlace, nano());
  const float* ours = passed.buffer<float>(10000);
  const float* theirs = functional.buffer<float>(10000);
  const UntimedLaunch launch = passed.pass(10000, kGroup);
  const simt::LaunchResult result = functional.run(10000, kGroup);
  EXPECT_TRUE(std::equal(ours, ours + 10000, theirs));
  EXPECT_EQ(launch.counters.warp_instructions, result.counters.warp_instructions);
  EXPECT_EQ(launch.counters.thread_instructions, result.counters.thread_instructions);
  EXPECT_EQ(launch.counters.work_groups, result.counters.work_groups);
  EXPECT_EQ(launch.counters.launches, 1U);
}

TEST(Blocks, OfALaunchFindAndLeaveTheCachesAsAllOfItWould) {
  constexpr std::uint64_t kItems = 1 << 19;  // 2 MiB, eight times the second level
  const chip::Chip chip = small_caches();
  TimedGuest timed(kInPlace, chip), sampled(kInPlace, chip);
  const float* all = timed.buffer<float>(kItems);
  const float* blocks = sampled.buffer<float>(kItems);
  for (int launch = 0; launch < 3; ++launch) {
    const LaunchTimes truth = timed.time(kItems, kGroup);
    sampled.prepare(kItems, kGroup);
    const LaunchTimes part =
        sampled.time(kItems, kGroup, representative_groups(chip, sampled.config()));
    ASSERT_EQ(part.gaps.size(), 2U);
    EXPECT_LT(part.warp_instructions, truth.warp_instructions / 4);
    EXPECT_EQ(part.counters.work_groups, kItems / kGroup);
    const Estimate whole = whole_launch(chip, part);
    EXPECT_EQ(whole.totals.warp_instructions, truth.warp_instructions);
    EXPECT_EQ(whole.totals.unattributed(), 0);
    EXPECT_NEAR(bytes_of(whole.totals.memory) / bytes_of(truth.memory), 1, 0.01) << launch;
    const auto cycles = static_cast<double>(truth.cycles().count());
    const double error = static_cast<double>(whole.totals.cycles.count()) - cycles;
    EXPECT_NEAR(error / cycles, 0, 0.05) << launch;
    EXPECT_LE(std::abs(error), whole.margin_cycles) << launch;
  }
  EXPECT_TRUE(std::equal(all, all + kItems, blocks));
}

TEST(ReuseHistory, TellsHowManyBytesCameBetween) {
  ReuseHistory history(1_MiB);
  const auto once = [&](std::uint64_t address, Bytes size) {
    const BufferUse use{DeviceAddress(address), size};
    return history.use({&use, 1}).front();
  };
  const auto never = once(1, 512_KiB);
  const auto in_place = once(1, 512_KiB);
  EXPECT_NE(never, in_place);
  EXPECT_EQ(once(1, 512_KiB), in_place);
  EXPECT_EQ(once(2, 512_KiB), never);  // first use
  const auto behind_half = once(1, 512_KiB);
  EXPECT_NE(behind_half, in_place);
  (void)once(3, 8_MiB);
  EXPECT_EQ(once(1, 512_KiB), never);  // long ago is as good as never
  EXPECT_NE(once(4, 1_KiB), once(5, 512_KiB));
}

}  // namespace
}  // namespace isobar::timing
