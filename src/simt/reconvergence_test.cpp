// Lanes that part come together again: behind calls of every kind, behind long loops, and where
// calls are not what they seem. Which lanes are together is told by a ballot of all; what they
// compute, by the same kernel in work-groups of one. And lanes that have ended are left alone,
// whichever they are.
#include <gtest/gtest.h>

#include <random>

#include "simt/machine.h"
#include "simt/testing/guest_machine.h"

namespace isobar::simt {
namespace {

constexpr std::array<std::uint32_t, 4> kWidths = {4, 32, 33, 64};
constexpr std::uint64_t kHarts = 192;

LaneMask lanes_of_warp(std::uint64_t hart, std::uint32_t width, std::uint64_t local) {
  const std::uint64_t count = std::min<std::uint64_t>(width, local - hart % local / width * width);
  return count == 64 ? ~LaneMask{0} : (LaneMask{1} << count) - 1;
}

struct Results {
  std::vector<std::uint64_t> value, together;
};

/// A kernel with arguments (u64 *out, const u32 *in) that leaves a value and a ballot per hart.
Results run(const std::string& text, VectorPath path, std::uint32_t width, std::uint64_t local,
            std::uint32_t most) {
  GuestMachine machine(text);
  const auto* out = machine.buffer<std::uint64_t>(2 * kHarts);
  auto* in = machine.buffer<std::uint32_t>(kHarts);
  std::mt19937 random(most);
  for (std::uint64_t i = 0; i < kHarts; ++i)
    in[i] = random() % 3 == 0 ? 0 : static_cast<std::uint32_t>(random() % most);
  machine.config().vector_path = path;
  machine.config().warp_width = width;
  machine.config().local_memory = 512_B;
  const LaunchResult result = machine.run(kHarts, local);
  EXPECT_FALSE(result.fault) << describe(result);
  Results results;
  for (std::uint64_t i = 0; i < kHarts; ++i) {
    results.value.push_back(out[2 * i]);
    results.together.push_back(out[2 * i + 1]);
  }
  return results;
}

void expect_to_meet(const std::string& text, std::uint32_t most, bool all_meet = true) {
  const Results apart = run(text, VectorPath::kPortable, 32, 1, most);
  for (const VectorPath path : supported_paths()) {
    for (const std::uint32_t width : kWidths) {
      const std::uint64_t local = 96;
      const Results found = run(text, path, width, local, most);
      for (std::uint64_t i = 0; i < kHarts; ++i) {
        ASSERT_EQ(found.value[i], apart.value[i]) << "hart " << i << ", width " << width;
        if (!all_meet) continue;
        ASSERT_EQ(found.together[i], lanes_of_warp(i, width, local))
            << std::hex << "hart " << i << ", width " << width;
      }
    }
  }
}

// ---- C ------------------------------------------------------------------------------------------

/// `functions` define f(x); the kernel calls it and looks who has come back.
std::string calling(const std::string& functions, const std::string& call = "f(x)") {
  return R"(
#define FAR __attribute__((noinline)) static u64
#define HERE(x) __asm__ volatile("" : "+r"(x))
struct args { u64 *out; const u32 *in; };
)" + functions +
         R"(
KERNEL(struct args) { u64 i = gid(), x = a->in[i]; u64 y = )" +
         call + R"(; u64 all = VOTE(2, y | 1); a->out[2 * i] = y; a->out[2 * i + 1] = all; })";
}

constexpr char kReturnsEarly[] = R"(
FAR f(u64 x) {
  if (x < 20) { HERE(x); return x * x; }
  if (x < 60) { HERE(x); return x / 3 + 1; }
  HERE(x); return (x ^ 85) % 7;
})";

TEST(Reconvergence, LanesMeetBehindAFunctionWithoutAFrameThatReturnsEarly) {
  expect_to_meet(calling(kReturnsEarly), 100);
}

TEST(Reconvergence, LanesMeetBehindOneFunctionCalledFromTwoPlaces) {
  expect_to_meet(calling(std::string(kReturnsEarly), "x & 1 ? f(x) + 1 : f(x + 30) * 3"), 100);
}

TEST(Reconvergence, LanesMeetBehindTailCalls) {
  expect_to_meet(calling(std::string(kReturnsEarly) + R"(
    FAR g(u64 x) { if (x < 50) { HERE(x); __attribute__((musttail)) return f(x + 1); } HERE(x); return x + 2; }
    FAR h(u64 x) { HERE(x); __attribute__((musttail)) return g(x * 2); })",
                         "h(x)"),
                 100);
}

TEST(Reconvergence, LanesMeetBehindRecursionOfTheirOwnDepth) {
  expect_to_meet(calling(R"(
    FAR f(u64 n) { if (n < 2) { HERE(n); return n + 5; } return f(n - 1) * 3 + f(n - 2); })"),
                 9);
}

TEST(Reconvergence, LanesMeetBehindRecursionDeeperThanWhatIsRemembered) {
  expect_to_meet(calling(R"(
    FAR f(u64 n) { if (n == 0) { HERE(n); return 7; } u64 y = f(n - 1); HERE(y); return y * 3 + n; })",
                         "f(x < 95 ? x : x * 13)"),
                 100);
}

TEST(Reconvergence, LanesMeetBehindCallsThroughRegisters) {
  expect_to_meet(calling(std::string(kReturnsEarly) + R"(
    FAR g(u64 x) { u64 y = f(x) + 3; HERE(y); return f(y % 90) + y; }
    FAR h(u64 x) { HERE(x); return x + 2; }
    static u64 (*volatile table[3])(u64) = {f, g, h};)",
                         "table[x % 3](x)"),
                 100);
}

TEST(Reconvergence, LanesMeetBehindLoopsOfTheirOwnLength) {
  expect_to_meet(calling(R"(
    FAR f(u64 x) { u64 y = 1; for (u64 k = 0; k < x * 7; ++k) { y = y * 5 + k; HERE(y); } return y; })"),
                 300);
  expect_to_meet(calling("", "x; for (u64 k = 0; k < x * 7; ++k) { y = y * 5 + k; HERE(y); }"),
                 300);
}

TEST(Reconvergence, WhatAllDidBeforeTheyPartedDoesNotKeepThemApart) {
  // Many turns of a loop for all, then one lane's detour.
  expect_to_meet(calling("", R"(x; for (u64 k = 0; k < 600; ++k) { y = y * 5 + k; HERE(y); }
                                if (i % 32 == 0) { y += 3; HERE(y); })"),
                 100);
}

// ---- assembler ----------------------------------------------------------------------------------

/// `body` finds in[i] in a3 and leaves a value in a4.
std::string around(const std::string& body) {
  return guest_assembly(R"(
  _start:
    csrr s11, 0xcc0
    ld s10, 0(a0)
    ld a2, 8(a0)
    slli t2, s11, 2
    add a2, a2, t2
    lwu a3, 0(a2)
    mv a4, a3
)" + body + R"(
  end:
    li t3, 1
    .insn r 0x0b, 2, 2, a5, t3, x0
    slli s11, s11, 4
    add s10, s10, s11
    sd a4, 0(s10)
    sd a5, 8(s10)
    .word 0x0200000b
)");
}

/// Goes a3 calls deep; from there odd lanes jump to 1f below by `jump`, with the stack as it was.
std::string out_of_calls(const std::string& jump) {
  return around(R"(
    addi sp, sp, -32
    mv s0, sp
    la s1, 1f
    mv s2, a3
    call deep
    addi a4, a4, 1
  1:
    addi a4, a4, 100
    addi sp, sp, 32
    j end
  deep:
    addi sp, sp, -16
    sd ra, 0(sp)
    beqz s2, 2f
    addi s2, s2, -1
    call deep
    addi a4, a4, 3
    j 3f
  2:
    andi t4, a3, 1
    beqz t4, 3f
    mv sp, s0
)" + jump + R"(
  3:
    ld ra, 0(sp)
    addi sp, sp, 16
    ret
)");
}

TEST(Reconvergence, LanesMeetWhereSomeJumpOutOfCalls) {
  expect_to_meet(out_of_calls("mv ra, s1\n ret\n"), 40);  // as longjmp does
  expect_to_meet(out_of_calls("jr s1\n"), 40);            // as __builtin_longjmp does
}

TEST(Reconvergence, LanesMeetBehindFunctionsLinkedThroughTheOtherRegister) {
  expect_to_meet(around(R"(
    jal t0, 1f
    addi a4, a4, 5
    j end
  1:
    andi t4, a3, 1
    beqz t4, 2f
    slli a4, a4, 2
    jr t0
  2:
    addi a4, a4, 9
    jr t0
)"),
                 100);
}

TEST(Reconvergence, ReadingThePcWithACallIsNone) {
  expect_to_meet(around(R"(
    mv t4, a3
  1:
    beqz t4, end
    addi t4, t4, -1
    jal ra, 2f
  2:
    addi a4, a4, 5
    j 1b
)"),
                 20);
}

constexpr char kNobodyReturns[] = R"(
    mv t4, a3
  1:
    beqz t4, 3f
    addi t4, t4, -1
    jal ra, 2f
    nop
  2:
    addi a4, a4, 5
    j 1b
  3:
)";

TEST(Reconvergence, CallsThatNobodyReturnsFromCostNoResult) {
  expect_to_meet(around(kNobodyReturns), 20, false);
}

TEST(Reconvergence, ABarrierPutsRightWhoCountsAsDeep) {
  expect_to_meet(around(std::string(kNobodyReturns) + "  .word 0x0000000b\n"), 20);
}

TEST(Reconvergence, ReturnsThatNobodyCalledForAreJumps) {
  expect_to_meet(around(R"(
    andi t4, a3, 1
    beqz t4, 1f
    la ra, 1f
    addi a4, a4, 7
    ret
  1:
)"),
                 100);
}

TEST(Reconvergence, LanesThatCountAsDeepDoNotStarveTheOneTheyWaitFor) {
  // All but the last lane of a warp "call" and then wait for what the last one stores.
  expect_to_meet(around(R"(
    csrr t1, 0xcd9
    csrr t2, 0xcdc
    addi t2, t2, -1
    csrr t3, 0xcda
    slli t3, t3, 2
    li t4, 0x40000000
    add t4, t4, t3
    bne t1, t2, 1f
    li t5, 1
    sw t5, 0(t4)
    j end
  1:
    jal ra, 2f
    nop
  2:
    lw t5, 0(t4)
    beqz t5, 2b
)"),
                 20, false);
}

// ---- lanes that have ended ----------------------------------------------------------------------

/// Stores of every kind by what is left of the warps when some lanes have ended.
constexpr char kEnds[] = R"(
struct args { const u32 *ends; u32 *words; u64 *longs; u8 *bytes; float *floats; double *doubles;
              unsigned short *halves; u32 *turns; u32 *sum; };
KERNEL(struct args) {
  u64 i = gid();
  if (a->ends[i]) return;
  u32 x = i;
  for (u32 k = 0; k < a->turns[0]; ++k) { x = x * 5 + k; __asm__ volatile("" : "+r"(x)); }
  for (u32 k = 0; k < 2; ++k) {   // the second time every region is known
    a->words[i] = x + k; a->longs[i] = x * 3ul + k; a->bytes[i] = x + k; a->halves[i] = x ^ k;
    a->floats[i] = (float)(x % 1000) + (float)k; a->doubles[i] = (double)(x % 1000) * 0.5 + (double)k;
    __atomic_fetch_add(a->sum, 1, __ATOMIC_RELAXED);
    __asm__ volatile("" ::: "memory");
  }
})";

TEST(Reconvergence, WhateverLanesHaveEndedTheOthersStoreToTheirOwnPlaces) {
  for (const VectorPath path : supported_paths()) {
    for (const std::uint32_t width : kWidths) {
      for (const std::uint32_t turns : {0U, 700U}) {
        GuestMachine machine(kEnds);
        auto* ends = machine.buffer<std::uint32_t>(kHarts);
        auto* words = machine.buffer<std::uint32_t>(kHarts);
        auto* longs = machine.buffer<std::uint64_t>(kHarts);
        auto* bytes = machine.buffer<std::uint8_t>(kHarts);
        auto* floats = machine.buffer<float>(kHarts);
        auto* doubles = machine.buffer<double>(kHarts);
        auto* halves = machine.buffer<std::uint16_t>(kHarts);
        *machine.buffer<std::uint32_t>(1) = turns;
        auto* sum = machine.buffer<std::uint32_t>(1);
        std::mt19937_64 random(width + turns);
        std::uint32_t stay = 0;
        for (std::uint64_t w = 0; w < kHarts; w += 32) {
          // Low lanes, high lanes, both, or any.
          std::uint64_t set = random();
          if (w % 128 == 0) set = (1U << (1 + random() % 20)) - 1;
          if (w % 128 == 32) set = ~std::uint64_t{0} << (10 + random() % 20);
          if (w % 128 == 64) set = 0x80000001U;
          for (std::uint64_t l = 0; l < 32; ++l) ends[w + l] = set >> l & 1U;
        }
        machine.config().vector_path = path;
        machine.config().warp_width = width;
        const LaunchResult result = machine.run(kHarts, 96);  // two groups on the same warps
        ASSERT_FALSE(result.fault) << describe(result);
        for (std::uint32_t i = 0; i < kHarts; ++i) {
          std::uint32_t x = i;
          for (std::uint32_t k = 0; k < turns; ++k) x = x * 5 + k;
          const bool stays = ends[i] == 0;
          stay += stays ? 2 : 0;
          ASSERT_EQ(words[i], stays ? x + 1 : 0) << i << " of warps of " << width;
          ASSERT_EQ(longs[i], stays ? x * 3UL + 1 : 0);
          ASSERT_EQ(bytes[i], stays ? static_cast<std::uint8_t>(x + 1) : 0);
          ASSERT_EQ(halves[i], stays ? static_cast<std::uint16_t>(x ^ 1U) : 0);
          ASSERT_EQ(floats[i], stays ? static_cast<float>(x % 1000) + 1 : 0);
          ASSERT_EQ(doubles[i], stays ? static_cast<double>(x % 1000) * 0.5 + 1 : 0);
        }
        ASSERT_EQ(*sum, stay);
      }
    }
  }
}

}  // namespace
}  // namespace isobar::simt
