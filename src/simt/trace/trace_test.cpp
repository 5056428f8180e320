// A trace says everything that the program text does not: replayed against the text, it gives the
// launch's own counts and the addresses that the kernel computed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "isa/guest_abi.h"
#include "simt/testing/guest_machine.h"
#include "simt/trace/group_tracer.h"

namespace isobar::simt {
namespace {

// Diverges in a loop and a call, gathers, uses local memory and the stack, waits twice.
constexpr char kWanders[] = R"(
struct args { u32 *out; const u32 *in; };
static __attribute__((noinline)) u32 deep(u32 n) { return n < 2 ? n : deep(n - 1) + deep(n - 2); }
KERNEL(struct args) {
  u64 i = gid();
  u32 sum = 0;
  for (u32 k = 0; k < i % 7; ++k) sum += a->in[(i * 37 + k * 11) % 640];
  LOCAL[lid()] = sum;
  barrier();
  if (i & 1) sum += deep(5 + lid() % 3);
  sum += LOCAL[(lid() + 13) % 40];
  barrier();
  a->out[i] = sum;
})";

struct Replay {
  std::uint64_t instructions = 0, threads = 0, blocks = 0, releases = 0;
  std::vector<std::uint64_t> addresses;  // of every active lane, in order
};

void append(const TracedAccess& access, LaneMask mask, std::vector<std::uint64_t>& out) {
  std::size_t next = 0;
  for (LaneMask left = mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<std::uint64_t>(std::countr_zero(left));
    out.push_back(access.shape == Shape::kVector
                      ? access.addresses[next++]
                      : access.base + static_cast<std::uint64_t>(access.stride) * lane);
  }
}

/// Reads whole blocks; what is left of a trace that was cut stays for the next time.
void replay(const Program& program, const std::vector<std::uint8_t>& leads, WarpTrace& trace,
            Replay& into) {
  while (trace.unread() > 0) {
    if (trace.next() == TraceTag::kRelease) {
      trace.take_release();
      ++into.releases;
      continue;
    }
    ASSERT_EQ(trace.next(), TraceTag::kBlock);
    std::uint32_t at = trace.take_block();
    ASSERT_EQ(leads[at], 1);
    ++into.blocks;
    do {
      into.instructions += 1;
      into.threads += static_cast<std::uint64_t>(std::popcount(trace.mask()));
      if (isa::info(program.instructions()[at].opcode).memory_bytes != 0) {
        ASSERT_EQ(trace.next(), TraceTag::kAccess);
        TracedAccess access;
        trace.take_access(access);
        append(access, trace.mask(), into.addresses);
      }
      ++at;
    } while (leads[at] == 0);
  }
}

Replay replay_all(GuestMachine& machine, std::size_t words, Counters& counters) {
  GroupTracer tracer(machine.program(), machine.memory(), machine.config());
  const std::vector<std::uint8_t> leads = machine.program().block_leaders();
  Replay result;
  std::vector<WarpTrace> traces;
  for (std::uint64_t g = 0; g < count_groups(machine.config()); ++g) {
    tracer.start(g, traces);
    for (bool more = true; more;) {
      more = tracer.advance(words);
      for (WarpTrace& trace : traces) replay(machine.program(), leads, trace, result);
    }
    EXPECT_FALSE(tracer.fault());
    EXPECT_TRUE(std::ranges::all_of(traces, &WarpTrace::finished));
  }
  counters = tracer.counters();
  return result;
}

class Traced : public testing::TestWithParam<VectorPath> {
 protected:
  Traced() : machine_(kWanders) {
    out_ = machine_.buffer<std::uint32_t>(100);
    in_ = machine_.buffer<std::uint32_t>(640);
    for (std::uint32_t i = 0; i < 640; ++i) in_[i] = i * 2654435761U;
    machine_.config().vector_path = GetParam();
    machine_.config().local_memory = 160_B;
    launched_ = machine_.run(100, 40);
    expected_.assign(out_, out_ + 100);
    std::fill_n(out_, 100, 0U);
  }
  GuestMachine machine_;
  std::uint32_t* out_;
  std::uint32_t* in_;
  LaunchResult launched_;
  std::vector<std::uint32_t> expected_;
};

TEST_P(Traced, ReplayedItGivesTheCountsOfTheLaunch) {
  ASSERT_FALSE(launched_.fault) << describe(launched_);
  Counters counters;
  const Replay all = replay_all(machine_, 1'000'000, counters);
  EXPECT_EQ(all.instructions, launched_.counters.total_warp_instructions());
  EXPECT_EQ(all.threads, launched_.counters.total_thread_instructions());
  EXPECT_EQ(counters.total_warp_instructions(), launched_.counters.total_warp_instructions());
  EXPECT_EQ(counters.lane_slots, launched_.counters.lane_slots);
  EXPECT_EQ(std::vector(out_, out_ + 100), expected_) << "one semantics, same bits";
  EXPECT_EQ(all.releases, 2U * 6U - 2U) << "two barriers, groups of two warps, the last of one";
}

TEST_P(Traced, ReadInSmallPiecesItIsTheSame) {
  Counters whole_counters, cut_counters;
  const Replay whole = replay_all(machine_, 1'000'000, whole_counters);
  const Replay cut = replay_all(machine_, 1, cut_counters);
  EXPECT_EQ(cut.instructions, whole.instructions);
  EXPECT_EQ(cut.threads, whole.threads);
  EXPECT_EQ(cut.addresses.size(), whole.addresses.size());
  EXPECT_EQ(std::vector(out_, out_ + 100), expected_);
}

TEST_P(Traced, AccessesAreWhereTheKernelReadAndWrote) {
  Counters counters;
  const Replay all = replay_all(machine_, 1'000'000, counters);
  const auto count_between = [&](const void* begin, std::size_t bytes) {
    const std::uint64_t low = machine_.address_of(begin);
    return std::ranges::count_if(all.addresses,
                                 [&](std::uint64_t a) { return a >= low && a < low + bytes; });
  };
  std::int64_t reads = 0;
  for (std::int64_t i = 0; i < 100; ++i) reads += i % 7;
  EXPECT_EQ(count_between(in_, 640 * 4), reads);
  EXPECT_EQ(count_between(out_, 100 * 4), 100);
  EXPECT_EQ(std::ranges::count_if(
                all.addresses,
                [](std::uint64_t a) { return a >= isa::kLocalBase && a < isa::kLocalLimit; }),
            200);
}

TEST(Trace, AddressesComeBackHoweverFarApartTheyAreAndHoweverManyLanesRun) {
  std::mt19937_64 random(1);
  std::vector<Warp> memory(Warp::bytes(32) / sizeof(Warp) + 1);  // registers lie behind the warp
  Warp* warp = memory.data();
  warp->width = 32;
  Operation operation{};
  operation.rs1 = 5;
  operation.access = 4;
  operation.immediate = -8;
  warp->shape[5] = Shape::kVector;
  WarpTrace trace;
  for (const unsigned bits : {4U, 16U, 17U, 32U, 33U, 40U, 63U})
    for (const LaneMask mask : {0xffffffffU, 1U, 0x1fU, 0x80000000U, 0x50f3a017U}) {
      std::vector<std::uint64_t> expected;
      for (std::uint64_t lane = 0; lane < 32; ++lane) {
        warp->x(5)[lane] = 0x40001000 + (random() & ((std::uint64_t{1} << bits) - 1));
        if ((mask >> lane & 1U) != 0) expected.push_back(warp->x(5)[lane] - 8);
      }
      warp->mask = mask;
      trace.block(0, mask);
      trace.access(operation, *warp);
      (void)trace.take_block();
      TracedAccess access;
      trace.take_access(access);
      EXPECT_EQ(access.bytes, 4);
      EXPECT_EQ(std::vector(access.addresses.data(), access.addresses.data() + expected.size()),
                expected)
          << bits << " bits, lanes " << mask;
      EXPECT_EQ(trace.unread(), 0U);
    }
}

// The timed machine asks for a trace piece by piece, so most often the end of time comes between
// two.
TEST(Tracer, ALaunchCancelledBetweenTwoPiecesIsToldWhereItWouldGoOn) {
  GuestMachine machine(guest_assembly("_start: nop; nop; 1: addi t1, t1, 1; j 1b"));
  machine.prepare(64, 64);
  std::atomic<bool> cancel{false};
  machine.config().cancel = &cancel;
  GroupTracer tracer(machine.program(), machine.memory(), machine.config());
  std::vector<WarpTrace> traces;
  tracer.start(0, traces);
  EXPECT_TRUE(tracer.advance(1));
  cancel = true;
  EXPECT_FALSE(tracer.advance(1'000'000));
  ASSERT_TRUE(tracer.fault());
  EXPECT_EQ(tracer.fault()->kind, FaultKind::kTimeLimit);
  EXPECT_GE(tracer.fault()->pc, machine.config().entry + 8) << "in the loop, not where it began";
}

INSTANTIATE_TEST_SUITE_P(Paths, Traced, testing::ValuesIn(supported_paths()));

}  // namespace
}  // namespace isobar::simt
