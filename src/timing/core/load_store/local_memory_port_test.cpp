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
  return {.issued = Cycles(cycle),
          .start = Cycles(cycle),
          .bytes = Bytes(bytes),
          .bank_cycles = bank_cycles};
}
std::uint64_t cycles(const LoadTimeline& timeline, std::size_t stretch) {
  return timeline.cycles[stretch];
}

TEST(LocalMemoryPort, AnAccessWithoutConflictTakesTheLatency) {
  LocalMemoryPort memory = port();
  const LoadTimeline timeline = memory.take(access(100));
  EXPECT_EQ(timeline.ready, Cycles(100 + kLatency));
  EXPECT_EQ(cycles(timeline, LoadTimeline::kLocal), kLatency);
  EXPECT_EQ(memory.free_at(), Cycles(101));
}

TEST(LocalMemoryPort, EachCycleOfTheBusiestBankAddsOne) {
  LocalMemoryPort memory = port();
  const LoadTimeline timeline = memory.take(access(100, 128, 8));
  EXPECT_EQ(timeline.ready, Cycles(100 + kLatency + 7));
  EXPECT_EQ(cycles(timeline, LoadTimeline::kConflict), 7U);
  EXPECT_EQ(memory.free_at(), Cycles(108));
}

TEST(LocalMemoryPort, MoreBytesThanItsWidthTakeAsManyCyclesAsTheyFill) {
  LocalMemoryPort memory = port();
  EXPECT_EQ(memory.take(access(100, 256)).ready, Cycles(100 + kLatency + 1));
  EXPECT_EQ(memory.cycles_of(access(0, 129)), Cycles(2));
  EXPECT_EQ(memory.cycles_of(access(0, 128)), Cycles(1));
}

TEST(LocalMemoryPort, AnAccessBehindAnotherWaitsForThePortAndSaysSo) {
  LocalMemoryPort memory = port();
  (void)memory.take(access(100, 128, 8));
  const LoadTimeline timeline = memory.take(access(101));
  EXPECT_EQ(cycles(timeline, LoadTimeline::kPort), 7U);
  EXPECT_EQ(timeline.ready, Cycles(108 + kLatency));
}

TEST(LocalMemoryPort, ItsStretchesAddUpToTheWholeWay) {
  LocalMemoryPort memory = port();
  (void)memory.take(access(100, 128, 5));
  const LoadTimeline timeline = memory.take(access(102, 512, 3));
  std::uint64_t sum = 0;
  for (const std::uint32_t stretch : timeline.cycles) sum += stretch;
  EXPECT_EQ(Cycles(sum), timeline.ready - timeline.issued);
}

TEST(LocalMemoryPort, AnswersOneByOneThroughTheRegistersPortAreAsLateAsTheLastOfThem) {
  LocalMemoryPort memory = port();
  WritePort registers;
  (void)registers.take(Cycles(100 + kLatency + 3));  // somebody else's cycle
  LocalMemoryPort::Access four = access(100, 128, 4);
  four.answers_to = &registers;
  EXPECT_EQ(memory.take(four).ready, Cycles(100 + kLatency + 4));
}

}  // namespace
}  // namespace isobar::timing
