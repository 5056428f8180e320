// A core's load-store unit alone: what it asks memory for, whom it tells and when. The test is the
// core in front of it and the memory behind it.
#include "timing/core/load_store/load_store_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace isobar::timing {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint32_t kLatency = 30, kBelow = 200;

/// Lines of 128 B with sectors of 32 B, write-through, four miss registers.
chip::Chip small_chip() {
  chip::Chip chip;
  chip.l1.size = 4_KiB;
  chip.l1.line = 128_B;
  chip.l1.sector = 32_B;
  chip.l1.ways = 4;
  chip.l1.latency = kLatency;
  chip.l1.banks = 4;
  chip.l1.mshrs = 4;
  chip.l1.stores = 4;
  chip.l1.bytes_per_cycle = 128_B;
  chip.l1.write_policy = chip::WritePolicy::kWriteThrough;
  chip.l1.fill = chip::Fill::kSectors;
  chip.l1.index = chip::SetIndex::kPlain;
  chip.l1.replacement = chip::Replacement::kLru;
  chip.core.local_bytes_per_cycle = 128_B;
  chip.core.local_latency = 20;
  return chip;
}

class Unit : public LoadStoreUnit::Listener {
 public:
  explicit Unit(const chip::Chip& chip = small_chip()) : unit(chip, 0, sent, *this) {}

  /// Issues an access to lines; when it is complete, or kNever while it is on its way.
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  std::uint64_t issue(AccessKind kind, std::uint64_t cycle, const std::vector<LineAccess>& lines) {
    LoadStoreUnit::Access access;
    access.kind = kind;
    access.returns = kind != AccessKind::kStore;
    access.token = next_token++;
    access.cycle = Cycles(cycle);
    access.bytes = 128_B;
    LoadTimeline timeline;
    return unit.issue(access, lines, Cycles(1), timeline) ? timeline.ready.count() : kNever;
  }
  std::uint64_t load(std::uint64_t cycle, std::uint64_t line, std::uint32_t sectors = 1) {
    return issue(AccessKind::kLoad, cycle, {{line, sectors, 1, 0}});
  }
  std::uint64_t store(std::uint64_t cycle, std::uint64_t line, std::uint32_t sectors = 1) {
    return issue(AccessKind::kStore, cycle, {{line, sectors, 1, 0}});
  }
  /// Answers the n-th request that was sent, at a cycle.
  void answer(std::size_t n, std::uint64_t cycle) {
    MemoryResponse response{.ready = Cycles(cycle), .tag = sent.at(n).tag, .kind = sent.at(n).kind};
    response.journey[0] = static_cast<std::uint32_t>(cycle - sent.at(n).sent.count());
    unit.respond(response);
  }
  /// A line that is in the cache from now on.
  void warm(std::uint64_t line, std::uint32_t sectors = 0xf) {
    (void)load(0, line, sectors);
    answer(sent.size() - 1, 0);
  }

  void completed(std::uint32_t token, const LoadTimeline& timeline) override {
    done[token] = timeline;
  }
  void fetched(std::uint64_t address, Cycles cycle) override { fetches[address] = cycle; }

  std::vector<MemoryRequest> sent;
  std::map<std::uint32_t, LoadTimeline> done;  // by token: 0, 1, ... in the order of issue
  std::map<std::uint64_t, Cycles> fetches;
  std::uint32_t next_token = 0;
  LoadStoreUnit unit;
};

std::uint64_t sum(const LoadTimeline& timeline) {
  std::uint64_t all = 0;
  for (const std::uint32_t stretch : timeline.cycles) all += stretch;
  return all;
}

// ---- hits and misses ----------------------------------------------------------------------------

TEST(LoadStoreUnit, AHitTakesTheLatencyAndAsksMemoryForNothing) {
  Unit core;
  core.warm(0x1000);
  core.sent.clear();
  EXPECT_EQ(core.load(500, 0x1000), 500U + kLatency);
  EXPECT_THAT(core.sent, IsEmpty());
}

TEST(LoadStoreUnit, AMissLeavesWhenItsLookupIsDoneAndIsCompleteWhenTheAnswerComes) {
  Unit core;
  EXPECT_EQ(core.load(100, 0x1000, 0b0101), Unit::kNever);
  ASSERT_THAT(core.sent, SizeIs(1));
  EXPECT_EQ(core.sent[0].sent, Cycles(100 + kLatency));
  EXPECT_EQ(core.sent[0].line, DeviceAddress(0x1000));
  EXPECT_EQ(core.sent[0].sectors, 0b0101U);
  EXPECT_THAT(core.done, IsEmpty());
  core.answer(0, 100 + kLatency + kBelow);
  ASSERT_EQ(core.done.count(0), 1U);
  EXPECT_EQ(core.done[0].ready, Cycles(100U + kLatency + kBelow));
  EXPECT_EQ(sum(core.done[0]), kLatency + kBelow) << "no cycle is lost";
}

TEST(LoadStoreUnit, OnlyTheSectorsThatAreNotThereAreAskedFor) {
  Unit core;
  core.warm(0x1000, 0b0011);
  core.sent.clear();
  (void)core.load(500, 0x1000, 0b0110);
  ASSERT_THAT(core.sent, SizeIs(1));
  EXPECT_EQ(core.sent[0].sectors, 0b0100U);
  EXPECT_EQ(core.unit.events().l1_sector_hits, 1U);
}

TEST(LoadStoreUnit, ASecondMissOfASectorOnItsWayJoinsTheFirst) {
  Unit core;
  (void)core.load(100, 0x1000);
  (void)core.load(110, 0x1000);
  EXPECT_THAT(core.sent, SizeIs(1));
  core.answer(0, 400);
  EXPECT_EQ(core.done[0].ready, Cycles(400U));
  EXPECT_EQ(core.done[1].ready, Cycles(400U));
}

TEST(LoadStoreUnit, AnAccessToTwoLinesIsCompleteWithTheLaterOne) {
  Unit core;
  (void)core.issue(AccessKind::kLoad, 100, {{0x1000, 1, 1, 0}, {0x1080, 1, 1, 0}});
  core.answer(1, 400);
  EXPECT_THAT(core.done, IsEmpty());
  core.answer(0, 450);
  EXPECT_EQ(core.done[0].ready, Cycles(450U));
}

// ---- what there is only so much of --------------------------------------------------------------

TEST(LoadStoreUnit, TwoLookupsOfOneBankTakeTurnsAndThoseOfTwoBanksDoNot) {
  Unit core;
  core.warm(0x1000);
  core.warm(0x1080);
  core.warm(0x1200);  // the first one's bank, of four
  EXPECT_EQ(core.load(500, 0x1000), 500U + kLatency);
  EXPECT_EQ(core.load(500, 0x1080), 500U + kLatency);
  EXPECT_EQ(core.load(500, 0x1200), 501U + kLatency);
}

TEST(LoadStoreUnit, AMissWithoutARegisterWaitsForOneAndBlocksTheUnit) {
  Unit core;
  for (std::uint64_t i = 0; i < 4; ++i) (void)core.load(100 + i, 0x1000 + i * 128);
  EXPECT_FALSE(core.unit.blocked());
  (void)core.load(104, 0x2000);
  EXPECT_TRUE(core.unit.blocked());
  EXPECT_THAT(core.sent, SizeIs(4));
  core.answer(0, 300);
  EXPECT_FALSE(core.unit.blocked());
  ASSERT_THAT(core.sent, SizeIs(5));
  EXPECT_EQ(core.sent[4].sent, Cycles(300 + kLatency));
  core.answer(4, 600);
  EXPECT_EQ(core.done[4].cycles[LoadTimeline::kMshr], 300U - 104);
}

TEST(LoadStoreUnit, WithAQueueOthersAreTakenWhileOneWaits) {
  chip::Chip chip = small_chip();
  chip.core.dispatch_queue = 1;
  Unit core(chip);
  for (std::uint64_t i = 0; i < 5; ++i) (void)core.load(100 + i, 0x1000 + i * 128);
  EXPECT_FALSE(core.unit.blocked());
  (void)core.load(105, 0x3000);
  EXPECT_TRUE(core.unit.blocked());
}

TEST(LoadStoreUnit, SoManyLoadsAndNoMoreAreOnTheirWayWhereTheChipSaysSo) {
  chip::Chip chip = small_chip();
  chip.core.loads = 2;
  Unit core(chip);
  for (std::uint64_t i = 0; i < 3; ++i) (void)core.load(100 + i, 0x1000 + i * 128);
  EXPECT_THAT(core.sent, SizeIs(2));
  core.answer(0, 300);
  EXPECT_THAT(core.sent, SizeIs(3));
}

// ---- stores, atomics, fetches -------------------------------------------------------------------

TEST(LoadStoreUnit, AWriteThroughStoreGoesPastTheCacheAndIsDoneWhenItIsAnswered) {
  Unit core;
  EXPECT_EQ(core.store(100, 0x1000), Unit::kNever);
  ASSERT_THAT(core.sent, SizeIs(1));
  EXPECT_EQ(core.sent[0].kind, RequestKind::kWrite);
  core.answer(0, 300);
  EXPECT_EQ(core.done[0].ready, Cycles(300U));
  core.sent.clear();
  (void)core.load(400, 0x1000);
  EXPECT_THAT(core.sent, SizeIs(1)) << "it has left nothing in the cache";
}

TEST(LoadStoreUnit, AWriteBackStoreStaysUntilItsLineIsGivenUp) {
  chip::Chip chip = small_chip();
  chip.l1.write_policy = chip::WritePolicy::kWriteBack;
  chip.l1.size = 512_B;  // one set of four lines
  Unit core(chip);
  EXPECT_EQ(core.store(100, 0x1000, 0b10), 100U + kLatency);
  EXPECT_THAT(core.sent, IsEmpty());
  for (std::uint64_t i = 1; i <= 3; ++i) (void)core.store(200 + i, 0x1000 + i * 128);
  EXPECT_THAT(core.sent, IsEmpty());
  (void)core.store(300, 0x2000);
  ASSERT_THAT(core.sent, SizeIs(1));
  EXPECT_EQ(core.sent[0].kind, RequestKind::kWrite);
  EXPECT_EQ(core.sent[0].line, DeviceAddress(0x1000));
  EXPECT_EQ(core.sent[0].sectors, 0b10U);
}

TEST(LoadStoreUnit, AnAtomicIsDoneBelowAndLeavesNothingValidHere) {
  Unit core;
  core.warm(0x1000, 0b11);
  core.sent.clear();
  (void)core.issue(AccessKind::kAtomic, 500, {{0x1000, 0b01, 32, 0}});
  ASSERT_THAT(core.sent, SizeIs(1));
  EXPECT_EQ(core.sent[0].kind, RequestKind::kAtomic);
  EXPECT_EQ(core.sent[0].operations, 32U);
  core.answer(0, 700);
  EXPECT_EQ(core.load(800, 0x1000, 0b10), 800U + kLatency);
  EXPECT_EQ(core.load(900, 0x1000, 0b01), Unit::kNever);
}

TEST(LoadStoreUnit, AFetchTakesNoRegisterOfTheLoadsAndTellsTheFrontEnd) {
  Unit core;
  for (std::uint64_t i = 0; i < 4; ++i) (void)core.load(100 + i, 0x1000 + i * 128);
  core.unit.fetch(0x8000, 0b11, Cycles(110), 0x8040);
  ASSERT_THAT(core.sent, SizeIs(5));
  EXPECT_EQ(core.sent[4].sent, Cycles(110));
  EXPECT_EQ(core.unit.outstanding(), 5U);
  core.answer(4, 300);
  EXPECT_EQ(core.fetches.at(0x8040), Cycles(300));
  EXPECT_EQ(core.unit.outstanding(), 4U);
}

// ---- local memory -------------------------------------------------------------------------------

TEST(LoadStoreUnit, LocalMemoryKeepsTheUnitWhileItsBanksAreBusy) {
  Unit core;
  LoadStoreUnit::Access access;
  access.local = true;
  access.cycle = Cycles(100);
  access.bytes = 128_B;
  EXPECT_EQ(core.unit.issue_local(access, 8, Cycles(1)).ready, Cycles(100 + 20 + 7));
  EXPECT_EQ(core.unit.free_at(), Cycles(108));
  EXPECT_EQ(core.unit.events().local_cycles, 8U);
}

}  // namespace
}  // namespace isobar::timing
