// Micro-benchmarks with known answers: what a described chip must take, to the cycle, and a ledger
// that adds up whatever happens.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "timing/testing/code_cost.h"
#include "timing/window_team.h"

namespace isobar::timing {
namespace {

using testing::HasSubstr;

TEST(Pipe, ADependentInstructionWaitsExactlyTheLatency) {
  chip::Chip chip = nano();
  EXPECT_EQ(cost_of("", "add t0, t0, t0", chip), chip.core.integer.latency);
  EXPECT_EQ(cost_of("", "mul t0, t0, t0", chip), chip.core.multiply_latency);
  EXPECT_EQ(cost_of("", "fmadd.s ft0, ft0, ft0, ft0", chip), chip.core.fp32.latency);
  chip.core.integer.latency = 11;
  EXPECT_EQ(cost_of("", "add t0, t0, t0", chip), 11U);
}

TEST(Pipe, IndependentInstructionsOfOneWarpIssueEveryCycle) {
  const chip::Chip chip = nano();
  EXPECT_EQ(cost_of("", eight("add s{}, t1, t1"), chip), 8U);
}

TEST(Pipe, ANarrowPipeIsHeldForItsPasses) {
  chip::Chip chip = nano();
  // 16 lanes among four schedulers: a warp of 32 takes eight passes.
  ASSERT_EQ(chip.core.special.lanes, 16U);
  EXPECT_EQ(cost_of("", eight("fdiv.s fs{}, ft1, ft1"), chip), 8 * 8U);
  chip.core.special.interval = 3;
  EXPECT_EQ(cost_of("", eight("fdiv.s fs{}, ft1, ft1"), chip), 8 * 24U);
}

TEST(Pipe, OperandsThatAreReadTwoAtATimeCostACycle) {
  chip::Chip chip = nano();
  chip.core.operand_reads = 2;
  EXPECT_EQ(cost_of("", eight("fmadd.s fs{}, ft1, ft2, ft3"), chip), 16U);
  EXPECT_EQ(cost_of("", eight("fadd.s fs{}, ft1, ft2"), chip), 8U);
}

TEST(Branch, ATakenLoopPaysTheBranchLatency) {
  const chip::Chip chip = nano();
  const auto loop = [](int n) {
    return fmt::format("li t0, {}\n1:\naddi t0, t0, -1\nbnez t0, 1b\n", n);
  };
  const std::uint64_t ten = warm_cycles(loop(10), chip);
  const std::uint64_t twenty = warm_cycles(loop(20), chip);
  EXPECT_EQ((twenty - ten) / 10, chip.core.branch.latency + chip.core.integer.latency);
}

TEST(Load, AHitTakesExactlyTheDescribedLatency) {
  chip::Chip chip = nano();
  // The address of the buffer, which holds its own address in the end: a chain of loads.
  const std::string chase = "ld t0, 0(a0)\nsd t0, 0(t0)\nld t1, 0(t0)\n";
  EXPECT_EQ(cost_of(chase, "ld t1, 0(t1)", chip), chip.l1.latency);
  chip.l1.latency = 57;
  EXPECT_EQ(cost_of(chase, "ld t1, 0(t1)", chip), 57U);
}

TEST(LocalMemory, LanesThatCollideInABankTakeTheirTurns) {
  const chip::Chip chip = nano();
  for (const unsigned stride : {4U, 8U, 16U, 32U, 64U, 128U}) {
    const std::string address = fmt::format(
        "li t5, 0x40000000\ncsrr t0, 0xcc3\nli t1, {}\nmul t0, t0, t1\nadd t0, t0, t5\n", stride);
    // Nobody waits for x0: each load waits for the port while the one before it has it.
    const std::uint64_t cycles = cost_of(address, "lw x0, 0(t0)", chip, 4096);
    EXPECT_EQ(cycles, stride / 4) << stride;
  }
}

TEST(LocalMemory, OneWordForAllLanesIsABroadcast) {
  const chip::Chip chip = nano();
  EXPECT_EQ(cost_of("li t5, 0x40000000\n", "lw x0, 0(t5)", chip, 4096), 1U);
  EXPECT_EQ(cost_of("li t5, 0x40000000\n", "lw t5, 0(t5)\nli t5, 0x40000000", chip, 4096),
            chip.core.local_latency + chip.core.integer.latency);
}

// ---- throughput ---------------------------------------------------------------------------------

double warp_instructions_per_core_cycle(const std::string& piece, const chip::Chip& chip) {
  TimedGuest guest(assembly("li t6, 50\n1:\n" + piece + "addi t6, t6, -1\nbnez t6, 1b\n"), chip);
  guest.buffer<std::uint64_t>(64);
  const std::uint64_t items = std::uint64_t{chip.core.count} * chip.core.warps * chip.core.lanes;
  (void)guest.time(items, 256);
  const LaunchTimes times = guest.time(items, 256);
  EXPECT_EQ(times.unattributed(), 0);
  const std::uint64_t launch =
      static_cast<std::uint64_t>(chip.launch_latency.count() * chip.clock.count());
  // Two of 1002 instructions are the loop's.
  return static_cast<double>(times.warp_instructions) * 1000 / 1002 / chip.core.count /
         static_cast<double>(times.cycles().count() - launch - chip.core.dispatch_latency);
}

TEST(Peak, EveryPipeReachesWhatItsWidthSays) {
  const chip::Chip chip = nano();
  const auto many = [](const char* instruction) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += fmt::format(fmt::runtime(instruction), i % 8) + "\n";
    return text;
  };
  const auto rate = [&](const char* instruction) {
    return warp_instructions_per_core_cycle(many(instruction), chip);
  };
  const double lanes = chip.core.lanes;
  EXPECT_NEAR(rate("add s{0}, t1, t2") / (chip.core.integer.lanes / lanes), 1, 0.01);
  EXPECT_NEAR(rate("fmadd.s fs{0}, ft1, ft2, ft3") / (chip.core.fp32.lanes / lanes), 1, 0.01);
  EXPECT_NEAR(rate("fmadd.d fs{0}, ft1, ft2, ft3") / (chip.core.fp64.lanes / lanes), 1, 0.01);
  EXPECT_NEAR(rate("fdiv.s fs{0}, ft1, ft2") / (chip.core.special.lanes / lanes), 1, 0.01);
}

// ---- the whole ----------------------------------------------------------------------------------

constexpr char kMixed[] = R"(
struct args { u32 *out; const u32 *in; };
KERNEL(struct args) {
  u64 i = gid();
  u32 sum = 0;
  for (u32 k = 0; k < 8 + i % 7; ++k) sum += a->in[(i * 37 + k * 1031) % 65536];
  LOCAL[lid()] = sum;
  barrier();
  if (i & 1) sum = sum * 3 + LOCAL[(lid() * 7) % 128];
  barrier();
  a->out[i] = sum;
})";

struct Mixed : TimedGuest {
  explicit Mixed(const chip::Chip& chip) : TimedGuest(kMixed, chip) {
    out = buffer<std::uint32_t>(65536);
    in = buffer<std::uint32_t>(65536);
    for (std::uint32_t i = 0; i < 65536; ++i) in[i] = i * 2654435761U;
    config().local_memory = 512_B;
  }
  std::uint32_t* out;
  std::uint32_t* in;
};

TEST(Machine, ComputesWhatAFunctionalLaunchComputes) {
  Mixed timed(nano());
  const LaunchTimes times = timed.time(65536, 128);
  ASSERT_FALSE(times.fault);
  const std::vector<std::uint32_t> result(timed.out, timed.out + 65536);
  std::fill_n(timed.out, 65536, 0U);
  const simt::LaunchResult functional = timed.run(65536, 128);
  EXPECT_EQ(std::vector(timed.out, timed.out + 65536), result);
  EXPECT_EQ(times.warp_instructions, functional.counters.total_warp_instructions());
  EXPECT_EQ(times.counters.total_thread_instructions(),
            functional.counters.total_thread_instructions());
}

TEST(Machine, EveryCycleIsChargedToOneCause) {
  Mixed timed(nano());
  for (const std::uint64_t items : {1ULL, 31ULL, 128ULL, 1000ULL, 65536ULL}) {
    const LaunchTimes times = timed.time(items, std::min<std::uint64_t>(items, 128));
    EXPECT_EQ(times.unattributed(), 0) << items;
    EXPECT_EQ(charge(times, Cause::kArithmetic), 0U);
  }
}

TEST(Machine, InstructionsCarryAllThatIsNotForLackOfWarps) {
  Mixed timed(nano());
  const LaunchTimes times = timed.time(65536, 128);
  std::uint64_t sum = charge(times, Cause::kLaunch) + charge(times, Cause::kOccupancy) +
                      charge(times, Cause::kTail);
  std::uint64_t issues = 0;
  for (const OperationTimes& each : times.operations) {
    sum += each.issues * timed.chip().core.lanes + each.waited();
    issues += each.issues;
  }
  EXPECT_EQ(sum, times.capacity);
  EXPECT_EQ(issues, times.warp_instructions);
}

TEST(Machine, AWaitForMemoryIsChargedToTheLoadAndNotToItsUser) {
  TimedGuest guest(assembly("ld t0, 0(a0)\nld t1, 0(t0)\nadd t2, t1, t1\n"), nano());
  guest.buffer<std::uint64_t>(4096);
  const LaunchTimes times = guest.time(32, 32);
  const auto load = std::ranges::find_if(times.operations, [](const OperationTimes& each) {
    return each.waits[wait_index(Cause::kDramTransfer)] > 0;
  });
  ASSERT_NE(load, times.operations.end());
  const std::uint32_t written =
      guest.program().instructions()[static_cast<std::size_t>(load - times.operations.begin())].rd;
  EXPECT_NE(written, 7U) << "t2's own instruction waits for no memory";
  std::uint64_t dram = 0;
  for (const OperationTimes& each : times.operations)
    dram += each.waits[wait_index(Cause::kDramTransfer)];
  EXPECT_EQ(dram, charge(times, Cause::kDramTransfer));
}

TEST(Machine, CountsTheFirstLevelsEventsLaunchByLaunch) {
  Mixed timed(nano());
  const LaunchTimes first = timed.time(4096, 128);
  const LaunchTimes second = timed.time(4096, 128);
  EXPECT_GT(first.first_level.local_bytes, 0U);
  EXPECT_EQ(second.first_level.local_bytes, first.first_level.local_bytes);
  EXPECT_EQ(second.first_level.l1_bytes, first.first_level.l1_bytes);
}

// ---- the same on any host -----------------------------------------------------------------------

void expect_same(const LaunchTimes& a, const LaunchTimes& b, const std::string& what) {
  EXPECT_EQ(a.cycles(), b.cycles()) << what;
  EXPECT_EQ(a.charges, b.charges) << what;
  EXPECT_EQ(a.warp_instructions, b.warp_instructions) << what;
  EXPECT_EQ(a.resident_warp_cycles, b.resident_warp_cycles) << what;
  EXPECT_EQ(a.memory.l2_hits, b.memory.l2_hits) << what;
  EXPECT_EQ(a.memory.dram_row_conflicts, b.memory.dram_row_conflicts) << what;
  EXPECT_EQ(a.unattributed(), 0) << what;
  ASSERT_EQ(a.operations.size(), b.operations.size());
  for (std::size_t op = 0; op < a.operations.size(); ++op) {
    EXPECT_EQ(a.operations[op].issues, b.operations[op].issues) << what << op;
    EXPECT_EQ(a.operations[op].waits, b.operations[op].waits) << what << op;
  }
}

/// Chips whose windows, stretches and numbers of cores and partitions differ.
std::vector<chip::Chip> chips_of_all_kinds() {
  const auto with_cores = [](const char* name, std::uint32_t count) {
    chip::Chip chip = chip::read_chip(std::string(ISOBAR_SOURCE_DIR) + "/chips/" + name + ".toml");
    chip.core.count = count;
    return chip;
  };
  std::vector<chip::Chip> chips{nano(),
                                with_cores("isobar-nano", 6),
                                with_cores("isobar-1", 9),
                                with_cores("a100-like", 5),
                                with_cores("vortex-1c4w4t", 1),
                                with_cores("vortex-1c4w16t", 3)};
  chip::Chip small = nano();
  small.name = "small caches";
  small.l1.size = 4_KiB;
  small.l1.mshrs = 4;
  small.l2.size = 64_KiB;
  small.l2.mshrs = 2;
  chips.push_back(small);
  small.name = "groups arrive at once";
  small.core.dispatch_latency = 1;
  chips.push_back(small);
  small.name = "everything is next door";
  small.interconnect.latency = 1;
  chips.push_back(small);
  return chips;
}

std::vector<LaunchTimes> three_launches(const chip::Chip& chip, unsigned threads,
                                        unsigned windows) {
  Mixed timed(chip);
  timed.machine().set_most_windows(windows);
  std::vector<LaunchTimes> times;
  for (const std::uint64_t items : {2048ULL, 1000ULL, 40ULL})
    times.push_back(timed.time(items, std::min<std::uint64_t>(items, 32), threads));
  return times;
}

TEST(Machine, NothingDependsOnHostThreads) {
  for (const chip::Chip& chip : chips_of_all_kinds()) {
    const std::vector<LaunchTimes> one = three_launches(chip, 1, WindowTeam::kMostWindows);
    for (const unsigned threads : {2U, 3U, 4U}) {
      const std::vector<LaunchTimes> many = three_launches(chip, threads, WindowTeam::kMostWindows);
      for (std::size_t i = 0; i < one.size(); ++i)
        expect_same(many[i], one[i], fmt::format("{}, {} threads: ", chip.name, threads));
    }
  }
}

TEST(Machine, NothingDependsOnHowOftenHostThreadsMeet) {
  for (const chip::Chip& chip : chips_of_all_kinds()) {
    const std::vector<LaunchTimes> often = three_launches(chip, 1, 1);
    for (const unsigned windows : {2U, 3U, 4U}) {
      const std::vector<LaunchTimes> rarely = three_launches(chip, 2, windows);
      for (std::size_t i = 0; i < often.size(); ++i)
        expect_same(rarely[i], often[i], fmt::format("{}, {} windows: ", chip.name, windows));
    }
  }
}

TEST(Machine, CyclesOfALongLaunchDoNotDependOnHostThreads) {
  std::vector<LaunchTimes> times;
  for (const unsigned threads : {1U, 2U, 4U}) {
    Mixed timed(nano());
    (void)timed.time(65536, 128, threads);
    times.push_back(timed.time(65536, 128, threads));
    expect_same(times.back(), times.front(), fmt::format("{} threads: ", threads));
  }
}

// Groups that take a while each, so that they are executed ahead; the one numbered `longest` too
// long for one go. Each leaves its number behind those executed before.
constexpr char kLong[] = R"(
struct args { u64 *order; u64 *next; const volatile u32 *in; u64 longest; u64 wrong; };
KERNEL(struct args) {
  u64 rounds = group() == a->longest ? 100000 : 1000;
  for (u64 k = 0; k < rounds; ++k) (void)a->in[k % 64];
  if (lid() != 0) return;
  u64 at = *a->next;
  *a->next = at + 1;
  a->order[group() == a->wrong ? 1UL << 40 : at] = group();
})";

struct Long : TimedGuest {
  Long() : TimedGuest(kLong, nano()) {
    order = buffer<std::uint64_t>(64);
    next = buffer<std::uint64_t>(1);
    buffer<std::uint32_t>(64);
    argument(std::uint64_t{35});
  }
  std::uint64_t *order, *next;
};

TEST(Machine, GroupsThatAreExecutedAheadAreExecutedInTheSameOrder) {
  std::vector<LaunchTimes> times;
  std::vector<std::vector<std::uint64_t>> orders;
  for (const unsigned threads : {1U, 2U, 4U}) {
    Long timed;
    timed.argument(std::uint64_t{64});
    times.push_back(timed.time(64 * 128, 128, threads));
    ASSERT_FALSE(times.back().fault);
    EXPECT_EQ(*timed.next, 64U);
    orders.emplace_back(timed.order, timed.order + 64);
    EXPECT_TRUE(std::is_sorted(orders.back().begin(), orders.back().begin() + 35));
    EXPECT_EQ(orders.back(), orders.front());
    expect_same(times.back(), times.front(), fmt::format("{} threads: ", threads));
  }
}

TEST(Machine, AFaultThatIsFoundAheadEndsTheLaunchWhereItWouldHaveEnded) {
  for (const unsigned threads : {1U, 2U, 4U}) {
    Long timed;
    timed.argument(std::uint64_t{32});
    const LaunchTimes times = timed.time(64 * 128, 128, threads);
    ASSERT_TRUE(times.fault) << threads;
    EXPECT_EQ(times.fault->group[0], 32U);
    EXPECT_EQ(*timed.next, 33U) << "the group after it was not executed";
  }
}

TEST(Machine, CoresWithoutWorkChangeNothingForTheOthers) {
  chip::Chip large = nano();
  large.core.count = 64;
  Mixed four(nano()), of_many(large);
  const LaunchTimes small = four.time(512, 128), big = of_many.time(512, 128);
  EXPECT_EQ(small.cycles(), big.cycles()) << "four groups, a core each, on either chip";
  EXPECT_EQ(small.warp_instructions, big.warp_instructions);
  EXPECT_EQ(big.unattributed(), 0);
}

// ---- the watchdog -------------------------------------------------------------------------------

std::string stall_of(TimedGuest& guest) {
  try {
    (void)guest.time(64, 64);
  } catch (const StalledMachine& error) {
    return error.what();
  }
  return "it went on";
}

TEST(Watchdog, DumpsAMachineInWhichNothingWillEverHappen) {
  chip::Chip chip = nano();
  chip.l1.mshrs = 0;  // no chip file may say so: no load that misses can ever leave
  TimedGuest guest(assembly("ld t0, 0(a0)\nadd t1, t0, t0\n"), chip);
  guest.buffer<std::uint64_t>(64);
  const std::string dump = stall_of(guest);
  EXPECT_THAT(dump, HasSubstr("the timed machine is stuck in cycle"));
  EXPECT_THAT(dump, HasSubstr("an access waits for a miss register"));
  EXPECT_THAT(dump, HasSubstr("warp 0 (work-group 0): blocked"));
  EXPECT_THAT(dump, HasSubstr("waits for memory: L1 latency, from"));
  EXPECT_THAT(dump, HasSubstr("ld t0, 0(a0)"));
  EXPECT_THAT(stall_of(guest), HasSubstr("is stuck")) << "the next launch finds a fresh machine";
}

TEST(Watchdog, ChecksThatSomethingIssuesWhereEventsGoOn) {
  TimedGuest guest(assembly("ld t0, 0(a0)\nadd t1, t0, t0\n"), nano());
  guest.buffer<std::uint64_t>(64);
  guest.machine().set_patience(5);  // a stretch and a bit; a load takes longer than that
  EXPECT_THAT(stall_of(guest), HasSubstr("memory partition"));
  guest.machine().set_patience(1000);
  EXPECT_EQ(stall_of(guest), "it went on");
}

// ---- the time limit -----------------------------------------------------------------------------

/// Ends launches that take longer than so many milliseconds.
class Alarm {
 public:
  Alarm(TimedGuest& guest, int milliseconds)
      : timer_([this, milliseconds] {
          std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
          rings_ = true;
        }) {
    guest.config().cancel = &rings_;
  }
  ~Alarm() { timer_.join(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  std::atomic<bool> rings_{false};
  std::thread timer_;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(TimeLimit, EndsAnEndlessLoopOfTheGuestSoon) {
  for (const unsigned threads : {1U, 2U}) {
    TimedGuest guest(assembly("1: addi t1, t1, 1\nbgez x0, 1b\n"), nano());
    guest.buffer<std::uint64_t>(64);
    const auto begin = std::chrono::steady_clock::now();
    std::optional<simt::Fault> fault;
    {
      const Alarm alarm(guest, 100);
      fault = guest.time(4096, 128, threads).fault;
    }
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->kind, simt::FaultKind::kTimeLimit);
    EXPECT_TRUE(guest.program().operation_at(fault->pc)) << "an instruction of the program";
    EXPECT_LT(seconds_since(begin), 1.1);
  }
}

TEST(TimeLimit, EndsAWindowThatNeverEnds) {
  chip::Chip chip = nano();
  chip.clock = Hertz(1e3);
  chip.dram.t_refi = Seconds(1e-12);  // refreshes each picosecond: no chip file may say so
  chip.dram.t_rfc = Seconds(1e-12);
  TimedGuest guest(assembly("ld t0, 0(a0)\nadd t1, t0, t0\n"), chip);
  guest.buffer<std::uint64_t>(64);
  const auto begin = std::chrono::steady_clock::now();
  std::optional<simt::Fault> fault;
  {
    const Alarm alarm(guest, 100);
    fault = guest.time(1 << 20, 64, 2).fault;
  }
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, simt::FaultKind::kTimeLimit);
  EXPECT_LT(seconds_since(begin), 1.1);
}

TEST(Machine, AFaultEndsTheLaunchAndTheNextOneRuns) {
  TimedGuest guest(R"(
struct args { u32 *out; };
KERNEL(struct args) { a->out[gid()] = 1; })",
                   nano());
  guest.buffer<std::uint32_t>(64);
  EXPECT_TRUE(guest.time(1 << 20, 64).fault);
  const LaunchTimes times = guest.time(64, 64);
  EXPECT_FALSE(times.fault);
  EXPECT_EQ(times.unattributed(), 0);
}

}  // namespace
}  // namespace isobar::timing
