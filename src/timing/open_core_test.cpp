// The mechanisms of small open cores that a chip file can describe, each by what it costs.
#include <algorithm>
#include <bit>
#include <map>
#include <random>

#include "isa/guest_abi.h"
#include "timing/testing/code_cost.h"

namespace isobar::timing {
namespace {

TEST(Fetch, AWarpIssuesNoFasterThanItIsFetched) {
  chip::Chip chip = nano();
  chip.core.fetch_interval = 9;
  EXPECT_EQ(cost_of("", eight("add s{}, t1, t1"), chip), 8 * 9U);
  chip.core.integer.latency = 11;  // fetched while the one before it is waited for
  EXPECT_EQ(cost_of("", "add t0, t0, t0", chip), 11U);
}

TEST(Fetch, WhatTheBufferHoldsIssuesAtOnceAfterAWait) {
  chip::Chip chip = nano();
  chip.core.fetch_interval = 9;
  const std::string wait = "div t0, t0, t0\nadd t0, t0, t0\n",
                    more = "add s1, t1, t1\nadd s2, t1, t1\n";
  chip.core.instruction_buffer = 4;  // with room for them, they came during the division
  EXPECT_EQ(cost_of("", wait + more, chip), cost_of("", wait, chip));
  chip.core.instruction_buffer = 2;
  EXPECT_GT(cost_of("", wait + more, chip), cost_of("", wait, chip));
}

TEST(RegisterBanks, OperandsOfOneBankAreReadInTurn) {
  chip::Chip chip = nano();
  chip.core.register_banks = 4;
  EXPECT_EQ(cost_of("", eight("fmadd.s fa{}, ft1, ft2, ft3"), chip), 8U);
  EXPECT_EQ(cost_of("", eight("fmadd.s fa{}, ft1, ft5, ft2"), chip), 16U);  // 1, 5 and 2
  EXPECT_EQ(cost_of("", eight("fmadd.s fa{}, ft1, ft5, fs1"), chip), 24U);  // 1, 5 and 9
}

TEST(FloatInFlight, ThePipesHoldSoManyAndTheQueueKeepsTheRestOutOfTheWay) {
  chip::Chip chip = nano();
  chip.core.fp32.latency = 12;
  chip.core.float_in_flight = 2;
  EXPECT_EQ(cost_of("", eight("fmadd.s fa{}, ft1, ft2, ft3"), chip), 8 * 12 / 2U);
  chip.core.pipe_overhead = 4;  // outside the pipes, where there is room
  EXPECT_EQ(cost_of("", eight("fmadd.s fa{}, ft1, ft2, ft3"), chip), 8 * 8 / 2U);
  chip.core.pipe_overhead = 0;
  std::string mixed = "fmadd.s fa0, ft1, ft2, ft3\nfmadd.s fa1, ft1, ft2, ft3\n";
  mixed += "fmadd.s fa2, ft1, ft2, ft3\nfmadd.s fa3, ft1, ft2, ft3\n";
  for (int i = 0; i < 3; ++i) mixed += eight("add s{}, t1, t1");
  EXPECT_EQ(cost_of("", mixed, chip), 12 + 2 + 24U);  // the third waits, and the warp with it
  chip.core.dispatch_queue = 4;
  EXPECT_EQ(cost_of("", mixed, chip), 4 + 24U);
}

TEST(WritePort, OneResultPerCycle) {
  WritePort port;
  EXPECT_EQ(port.take(Cycles(5)), Cycles(5));
  EXPECT_EQ(port.take(Cycles(5)), Cycles(6));
  EXPECT_EQ(port.take(Cycles(7)), Cycles(7));
  EXPECT_EQ(port.take(Cycles(4)), Cycles(4));
  chip::Chip chip = nano();
  chip.core.write_back = 1;
  // Both are ready at once, and the addition that needs the second is a cycle late.
  chip.core.multiply_latency = chip.core.integer.latency + 1;
  EXPECT_EQ(cost_of("", "mul t1, t0, t0\nadd t0, t0, t0", chip), chip.core.integer.latency + 2);
  EXPECT_EQ(cost_of("", "mul t1, t0, t0\nadd t0, t0, t0", nano()), nano().core.integer.latency + 1);
}

TEST(LocalMemory, WithoutBroadcastEachLaneTakesItsTurn) {
  chip::Chip chip = nano();
  chip.core.local_broadcast = false;
  EXPECT_EQ(cost_of("li t5, 0x40000000\n", "lw x0, 0(t5)", chip, 4096), chip.core.lanes);
}

TEST(Coalescer, LanesOfAGroupOnlyAreMerged) {
  chip::Chip chip = nano();
  chip.core.coalesced_lanes = 8;  // 32 bytes: a sector
  const std::string own = "csrr t0, 0xcc3\nslli t0, t0, 2\nld t1, 0(a0)\nadd t0, t0, t1\n";
  EXPECT_EQ(cost_of(own, "lw x0, 0(t0)", nano()), 1U);
  EXPECT_EQ(cost_of(own, "lw x0, 0(t0)", chip), 4U);  // one line, so one bank
  chip.core.coalescer_cycles = 3;
  EXPECT_EQ(cost_of(own, "lw x0, 0(t0)", chip), 4U + 3);
}

TEST(PrivateMemory, LiesByLaneOrByWorkItem) {
  Coalescer coalescer({.line_shift = 7, .sector_shift = 5});
  simt::TracedAccess access;
  access.shape = simt::Shape::kUniform;
  access.base = isa::kPrivateTop - 8;
  access.bytes = 4;
  const auto lines = [&](std::uint64_t stack) {
    return coalescer.lines(access, 0xffffffff, {.base = 1 << 20, .lanes = 32, .stack = stack}, 0)
        .size();
  };
  EXPECT_EQ(lines(0), 1U);      // 32 words in a row
  EXPECT_EQ(lines(8192), 32U);  // each lane's own
}

/// By definition: the most distinct words, or the most lanes where each is served on its own.
std::uint32_t cycles_by_counting(const std::vector<std::uint64_t>& addresses, std::uint32_t bytes,
                                 std::uint32_t banks, bool one_by_one) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> in_bank;
  for (const std::uint64_t address : addresses)
    for (std::uint64_t word = address / 4; word <= (address + bytes - 1) / 4; ++word) {
      std::vector<std::uint64_t>& words = in_bank[word % banks];
      if (one_by_one || std::ranges::find(words, word) == words.end()) words.push_back(word);
    }
  std::size_t most = 0;
  for (const auto& [bank, words] : in_bank) most = std::max(most, words.size());
  return static_cast<std::uint32_t>(most);
}

TEST(LocalMemory, HoldsItsBanksForTheMostWordsThatOneBankHas) {
  std::mt19937_64 random(1);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  for (int round = 0; round < 20'000; ++round) {
    simt::TracedAccess access;
    access.shape = simt::Shape::kVector;
    access.bytes = below(2) == 0 ? 4 : 8;
    const auto banks = static_cast<std::uint32_t>(below(4) == 0 ? 24 : 32);
    const simt::LaneMask mask = below(2) == 0 ? 0xffffffff : (random() & 0xffffffff) | 1;
    const std::uint64_t near = isa::kLocalBase + 8 * below(64),
                        spread = std::uint64_t{1} << below(9);
    std::vector<std::uint64_t> addresses;
    for (int lane = 0; lane < std::popcount(mask); ++lane)
      addresses.push_back(near + access.bytes * below(spread));
    std::ranges::copy(addresses, access.addresses.begin());
    for (const bool one_by_one : {false, true}) {
      ASSERT_EQ(bank_cycles(access, mask, banks, one_by_one),
                cycles_by_counting(addresses, access.bytes, banks, one_by_one))
          << "round " << round;
    }
  }
}

TEST(LocalMemory, StepsOfLanesCountAsTheirAddressesDoWhicheverRun) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 5000; ++round) {
    const simt::LaneMask mask = random() & random() & (random() | random());
    if (mask == 0) continue;
    simt::TracedAccess steps;
    steps.shape = simt::Shape::kAffine;
    steps.bytes = 4;
    steps.base = isa::kLocalBase + 4 * (random() % 64);
    steps.stride = random() % 2 == 0 ? 4 : 8;
    std::vector<std::uint64_t> addresses;
    for (std::uint64_t lane = 0; lane < 64; ++lane) {
      if ((mask >> lane & 1U) != 0)
        addresses.push_back(steps.base + static_cast<std::uint64_t>(steps.stride) * lane);
    }
    ASSERT_EQ(bank_cycles(steps, mask, 32, false), cycles_by_counting(addresses, 4, 32, false))
        << std::hex << mask;
  }
}

// ---- the first level that fills lines -----------------------------------------------------------

struct Unit : LoadStoreUnit::Listener {
  explicit Unit(const chip::Chip& chip) : unit(chip, 0, outbox, *this) {}
  void completed(std::uint32_t, const LoadTimeline&) override { ++done; }
  void fetched(std::uint64_t, Cycles) override {}
  /// A load of some sectors of a line; true if it hit.
  bool load(std::uint64_t line, std::uint32_t sectors) {
    LoadTimeline timeline;
    const std::array<LineAccess, 1> lines{{{line, sectors, 1}}};
    return unit.issue({.cycle = Cycles(++cycle)}, lines, Cycles(1), timeline);
  }
  void answer(std::size_t request) {
    MemoryResponse response;
    response.tag = outbox.at(request).tag;
    response.ready = Cycles(cycle += 100);
    unit.respond(response);
  }
  std::vector<MemoryRequest> outbox;
  LoadStoreUnit unit;
  std::uint64_t cycle = 0;
  int done = 0;
};

TEST(FillLine, AMissFetchesTheLineOnceAndEachAccessHoldsARegister) {
  chip::Chip chip = nano();
  chip.l1.fill = chip::Fill::kLine;
  chip.l1.mshrs = 2;
  Unit unit(chip);
  EXPECT_FALSE(unit.load(0x1000, 1));
  EXPECT_FALSE(unit.load(0x1000, 2));
  ASSERT_EQ(unit.outbox.size(), 1U);
  EXPECT_EQ(unit.outbox[0].sectors, 0xfU);
  EXPECT_FALSE(unit.unit.blocked());
  EXPECT_FALSE(unit.load(0x2000, 1));  // no register: not looked up
  EXPECT_TRUE(unit.unit.blocked());
  EXPECT_EQ(unit.outbox.size(), 1U);
  unit.answer(0);
  EXPECT_EQ(unit.done, 2);
  EXPECT_EQ(unit.outbox.size(), 2U);
  EXPECT_TRUE(unit.load(0x1000, 8));
}

TEST(TagArray, GivesUpTheOldestOrTheLeastRecentlyUsed) {
  for (const bool fifo : {false, true}) {
    TagArray tags(256_B, 128_B, 2, {.folded = false, .fifo = fifo});
    TagArray::Line evicted;
    (void)tags.insert(0x100, evicted);
    (void)tags.insert(0x200, evicted);
    EXPECT_NE(tags.find(0x100), nullptr);
    (void)tags.insert(0x300, evicted);
    EXPECT_EQ(evicted.tag, fifo ? 0x100U : 0x200U);
  }
}

TEST(TagArray, PowersOfTwoMeetInASetThatIsChosenPlainly) {
  for (const bool folded : {false, true}) {
    TagArray tags(4_KiB, 128_B, 1, {.folded = folded});
    TagArray::Line evicted;
    (void)tags.insert(0, evicted);
    (void)tags.insert(4096, evicted);
    EXPECT_EQ(evicted.tag, folded ? TagArray::kNoTag : 0U);
  }
}

}  // namespace
}  // namespace isobar::timing
