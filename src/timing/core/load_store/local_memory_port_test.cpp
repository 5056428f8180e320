// How long accesses to local memory take and wait, with nothing but the port.
#include "timing/core/load_store/local_memory_port.h"

#include <gtest/gtest.h>

namespace isobar::timing {
namespace {

constexpr std::uint32_t kLatency = 20;

LocalMemoryPort port() {
  chip::CoreParameters core;
  core.local_latency = kLatency;
  core.local_bytes_per_cycle = 128_B;
  return LocalMemoryPort(core);
}
LocalMemoryPort::Access access(std::uint64_t cycle, std::uint64_t bytes = 128,
                               std::uint32_t bank_cycles = 1) {
  return {.issued = cycle, .start = cycle, .bytes = bytes, .bank_cycles = bank_cycles};
}
std::uint64_t cycles(const LoadTimeline& timeline, std::size_t stretch) {
  return timeline.cycles[stretch];
}

TEST(LocalMemoryPort, AnAccessWithoutConflictTakesTheLatency) {
  LocalMemoryPort memory = port();
  const LoadTimeline timeline = memory.take(access(100));
  EXPECT_EQ(timeline.ready, 100U + kLatency);
  EXPECT_EQ(cycles(timeline, LoadTimeline::kLocal), kLatency);
  EXPECT_EQ(memory.free_at(), 101U);
}

TEST(LocalMemoryPort, EachCycleOfTheBusiestBankAddsOne) {
  LocalMemoryPort memory = port();
  const LoadTimeline timeline = memory.take(access(100, 128, 8));
  EXPECT_EQ(timeline.ready, 100U + kLatency + 7);
  EXPECT_EQ(cycles(timeline, LoadTimeline::kConflict), 7U);
  EXPECT_EQ(memory.free_at(), 108U);
}

TEST(LocalMemoryPort, MoreBytesThanItsWidthTakeAsManyCyclesAsTheyFill) {
  LocalMemoryPort memory = port();
  EXPECT_EQ(memory.take(access(100, 256)).ready, 100U + kLatency + 1);
  EXPECT_EQ(memory.cycles_of(access(0, 129)), 2U);
  EXPECT_EQ(memory.cycles_of(access(0, 128)), 1U);
}

TEST(LocalMemoryPort, AnAccessBehindAnotherWaitsForThePortAndSaysSo) {
  LocalMemoryPort memory = port();
  (void)memory.take(access(100, 128, 8));
  const LoadTimeline timeline = memory.take(access(101));
  EXPECT_EQ(cycles(timeline, LoadTimeline::kPort), 7U);
  EXPECT_EQ(timeline.ready, 108U + kLatency);
}

TEST(LocalMemoryPort, ItsStretchesAddUpToTheWholeWay) {
  LocalMemoryPort memory = port();
  (void)memory.take(access(100, 128, 5));
  const LoadTimeline timeline = memory.take(access(102, 512, 3));
  std::uint64_t sum = 0;
  for (const std::uint32_t stretch : timeline.cycles) sum += stretch;
  EXPECT_EQ(sum, timeline.ready - timeline.issued);
}

TEST(LocalMemoryPort, AnswersOneByOneThroughTheRegistersPortAreAsLateAsTheLastOfThem) {
  LocalMemoryPort memory = port();
  WritePort registers;
  (void)registers.take(100 + kLatency + 3);  // somebody else's cycle
  LocalMemoryPort::Access four = access(100, 128, 4);
  four.answers_to = &registers;
  EXPECT_EQ(memory.take(four).ready, 100U + kLatency + 4);
}

}  // namespace
}  // namespace isobar::timing
