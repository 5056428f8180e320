// What a kernel can rely on: ids, barriers, exchange between lanes, atomics, its own memory, the
// same bits on any number of host threads; and counts that a person can check by hand.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cfenv>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <thread>

#include "simt/testing/guest_machine.h"

namespace isobar::simt {
namespace {

constexpr std::array<std::uint32_t, 5> kWidths = {1, 7, 32, 33, 64};

// ---- ids --------------------------------------------------------------------------------------

constexpr char kIds[] = R"(
struct args { u64 *out; };
#define PUT(k, number) o[k] = CSR(number)
void _start(const struct args *a) {
  u64 linear = CSR(0xce0);
  u64 *o = a->out + linear * 36;
  PUT(0, 0xcc0); PUT(1, 0xcc1); PUT(2, 0xcc2); PUT(3, 0xcc3); PUT(4, 0xcc4); PUT(5, 0xcc5);
  PUT(6, 0xcc6); PUT(7, 0xcc7); PUT(8, 0xcc8); PUT(9, 0xcc9); PUT(10, 0xcca); PUT(11, 0xccb);
  PUT(12, 0xccc); PUT(13, 0xccd); PUT(14, 0xcce); PUT(15, 0xccf); PUT(16, 0xcd0); PUT(17, 0xcd1);
  PUT(18, 0xcd2); PUT(19, 0xcd3); PUT(20, 0xcd4); PUT(21, 0xcd5); PUT(22, 0xcd6); PUT(23, 0xcd7);
  PUT(24, 0xcd8); PUT(25, 0xcd9); PUT(26, 0xcda); PUT(27, 0xcdb); PUT(28, 0xcdc); PUT(29, 0xcdd);
  PUT(30, 0xcde); PUT(31, 0xcdf); PUT(32, 0xce0); PUT(33, 0xce1); PUT(34, 0xcc3); o[35] += 1;
  EXIT();
})";

struct Range {
  std::uint32_t work_dim;
  std::array<std::uint64_t, 3> global, local, offset;
};
// Edge groups smaller in every dimension, sizes that no warp width divides, one hart alone.
const Range kRanges[] = {{1, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},
                         {1, {100, 1, 1}, {37, 1, 1}, {1000, 0, 0}},
                         {2, {19, 11, 1}, {8, 4, 1}, {5, 1ULL << 40, 0}},
                         {3, {9, 7, 5}, {4, 3, 2}, {0, 0, 3}},
                         {3, {2, 3, 40}, {2, 3, 20}, {1, 1, 1}}};

std::vector<std::uint64_t> expected_ids(const LaunchConfig& config,
                                        std::array<std::uint64_t, 3> id) {
  const auto& global = config.global_size;
  const auto& local = config.local_size;
  std::array<std::uint64_t, 3> group{}, in_group{}, size{}, groups{};
  for (std::size_t d = 0; d < 3; ++d) {
    group[d] = id[d] / local[d];
    in_group[d] = id[d] % local[d];
    groups[d] = (global[d] + local[d] - 1) / local[d];
    size[d] = std::min(local[d], global[d] - group[d] * local[d]);
  }
  std::vector<std::uint64_t> all;
  const auto add = [&](const std::array<std::uint64_t, 3>& three) {
    all.insert(all.end(), three.begin(), three.end());
  };
  const auto& offset = config.global_offset;
  add({id[0] + offset[0], id[1] + offset[1], id[2] + offset[2]});
  add(in_group);
  add(group);
  add(global);
  add(size);
  add(local);
  add(groups);
  add(offset);
  const std::uint64_t linear = (in_group[2] * size[1] + in_group[1]) * size[0] + in_group[0];
  const std::uint64_t harts = size[0] * size[1] * size[2];
  const std::uint64_t width = config.warp_width;
  const std::uint64_t warp = linear / width;
  const std::uint64_t most = std::min(width, local[0] * local[1] * local[2]);
  const std::uint64_t group_number = (group[2] * groups[1] + group[1]) * groups[0] + group[0];
  for (const std::uint64_t value :
       {std::uint64_t{config.work_dim}, linear % width, warp, (harts + width - 1) / width,
        std::min(width, harts - warp * width), most, config.printf_buffer.value(),
        group_number % config.cores, (id[2] * global[1] + id[1]) * global[0] + id[0], linear,
        in_group[0], std::uint64_t{1}})
    all.push_back(value);
  return all;
}

TEST(Behaviour, EveryHartReadsItsOwnIdsInAnyRange) {
  constexpr std::size_t kValues = 36;
  for (const std::uint32_t width : kWidths) {
    for (const Range& range : kRanges) {
      GuestMachine machine(kIds);
      const std::uint64_t harts = range.global[0] * range.global[1] * range.global[2];
      const auto* out = machine.buffer<std::uint64_t>(harts * kValues);
      LaunchConfig& config = machine.config();
      config.work_dim = range.work_dim;
      config.global_size = range.global;
      config.local_size = range.local;
      config.global_offset = range.offset;
      config.warp_width = width;
      config.cores = 4;
      config.printf_buffer = DeviceAddress(0x1234);
      const LaunchResult result = machine.run(2);
      ASSERT_FALSE(result.fault) << describe(result);
      EXPECT_EQ(result.counters.work_items, harts);
      for (std::uint64_t i = 0; i < harts; ++i) {
        const auto expected =
            expected_ids(config, {i % range.global[0], i / range.global[0] % range.global[1],
                                  i / range.global[0] / range.global[1]});
        const std::vector<std::uint64_t> found(out + i * kValues, out + (i + 1) * kValues);
        ASSERT_EQ(found, expected) << "work-item " << i << ", warps of " << width;
      }
    }
  }
}

TEST(Behaviour, AnEmptyRangeRunsNothing) {
  GuestMachine machine(kIds);
  const LaunchResult result = machine.run(0, 32, 2);
  EXPECT_FALSE(result.fault) << describe(result);
  EXPECT_EQ(result.counters.work_groups, 0U);
  EXPECT_EQ(result.counters.total_warp_instructions(), 0U);
}

// ---- barriers -----------------------------------------------------------------------------------

constexpr char kRotate[] = R"(
struct args { u32 *out; };
KERNEL(struct args) {
  u64 l = lid(), n = CSR(0xccc); u32 value = gid() * 7 + 1;
  for (u32 turn = 0; turn < 5; ++turn) {
    LOCAL[l] = value;
    if (l % 3 == turn % 3) barrier(); else barrier();
    value = LOCAL[l + 1 == n ? 0 : l + 1] + turn;
    barrier();
  }
  a->out[gid()] = value;
})";

TEST(Behaviour, ABarrierGathersAllWarpsFromWhereverTheyArrive) {
  for (const VectorPath path : supported_paths()) {
    for (const std::uint32_t width : kWidths) {
      GuestMachine machine(kRotate);
      const std::uint32_t harts = 211, local = 75;
      const auto* out = machine.buffer<std::uint32_t>(harts);
      machine.config().vector_path = path;
      machine.config().warp_width = width;
      machine.config().local_memory = Bytes(local * 4);
      const LaunchResult result = machine.run(harts, local, 2);
      ASSERT_FALSE(result.fault) << describe(result);
      for (std::uint32_t i = 0; i < harts; ++i) {
        const std::uint32_t first = i / local * local;
        const std::uint32_t n = std::min(local, harts - first);
        ASSERT_EQ(out[i], (first + (i - first + 5) % n) * 7 + 1 + 0 + 1 + 2 + 3 + 4)
            << "hart " << i << ", warps of " << width;
      }
    }
  }
}

constexpr char kWaitForOtherWarp[] = R"(
struct args { u32 *out; };
static volatile u32 flags[2];
static __attribute__((noinline)) void wait(volatile u32 *flag) {
  while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) == 0) {}
}
KERNEL(struct args) {
  u64 l = lid();
  if (l < 32) { if (l & 1) wait(flags); else wait(flags + 1); a->out[l] = 1; }
  else { if (l == 32) flags[0] = 1; if (l == 33) flags[1] = 1; a->out[l] = 2; }
})";

TEST(Behaviour, TwoSpinningPathsOfAWarpLetAnotherWarpSetThemFree) {
  GuestMachine machine(kWaitForOtherWarp);
  const auto* out = machine.buffer<std::uint32_t>(64);
  const LaunchResult result = machine.run(64, 64);
  ASSERT_FALSE(result.fault) << describe(result);
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(out[i], i < 32 ? 1U : 2U);
}

// ---- across lanes -------------------------------------------------------------------------------

constexpr char kAcrossLanes[] = R"(
struct args { u64 *out; };
KERNEL(struct args) {
  u64 i = gid(), lane = CSR(0xcd9); u64 *o = a->out + i * 8;
  o[0] = VOTE(2, 1);
  o[1] = CROSS(1, 1, i, 1);
  if (lane % 3 == 0) {
    o[2] = VOTE(2, lane % 2); o[3] = VOTE(0, lane + 1); o[4] = VOTE(1, 0);
    o[5] = CROSS(1, 3, i, 3); o[6] = CROSS(1, 3, i, 1); o[7] = CROSS(1, 0, i, 0);
  } else {
    o[2] = VOTE(2, 1); o[3] = VOTE(0, lane != 1); o[4] = VOTE(1, lane == 2);
    o[5] = CROSS(1, 2, i, 1); o[6] = CROSS(1, 2, i, ~0UL); o[7] = CROSS(1, 0, i, 1000);
  }
})";

TEST(Behaviour, ShufflesAndVotesSeeTheLanesThatAreActive) {
  for (const std::uint32_t width : kWidths) {
    const std::uint64_t harts = 70;
    GuestMachine machine(kAcrossLanes);
    const auto* out = machine.buffer<std::uint64_t>(harts * 8);
    machine.config().warp_width = width;
    const LaunchResult result = machine.run(harts, harts);
    ASSERT_FALSE(result.fault) << describe(result);
    for (std::uint64_t i = 0; i < harts; ++i) {
      const std::uint64_t lane = i % width, first = i - lane;
      const std::uint64_t n = std::min<std::uint64_t>(width, harts - first);
      const auto mask_of = [&](auto&& is_in) {
        std::uint64_t mask = 0;
        for (std::uint64_t l = 0; l < n; ++l) mask |= is_in(l) ? 1ULL << l : 0;
        return mask;
      };
      const auto from = [&](std::uint64_t source, bool third) {
        const bool active = source < n && (source % 3 == 0) == third;
        return active ? first + source : i;
      };
      const std::uint64_t* o = out + i * 8;
      EXPECT_EQ(o[0], mask_of([](std::uint64_t) { return true; }));
      EXPECT_EQ(o[1], (lane ^ 1) < n ? first + (lane ^ 1) : i);
      if (lane % 3 == 0) {
        EXPECT_EQ(o[2], mask_of([](std::uint64_t l) { return l % 3 == 0 && l % 2 == 1; }));
        EXPECT_EQ(o[3], 1U);
        EXPECT_EQ(o[4], 0U);
        EXPECT_EQ(o[5], from(lane + 3, true));
        EXPECT_EQ(o[6], i);  // lane + 1 has gone the other way
        EXPECT_EQ(o[7], first);
      } else {
        EXPECT_EQ(o[2], mask_of([](std::uint64_t l) { return l % 3 != 0; }));
        EXPECT_EQ(o[3], 0U);  // lane 1 says no
        EXPECT_EQ(o[4], n > 2 ? 1U : 0U);
        EXPECT_EQ(o[5], from(lane - 1, false));
        EXPECT_EQ(o[6], from(lane + 1, false));
        EXPECT_EQ(o[7], i);
      }
    }
  }
}

// ---- atomics ------------------------------------------------------------------------------------

constexpr char kAtomics[] = R"c(
struct args { u64 *total; u32 *tickets; u32 *seen; u64 *cas; i32 *least; u64 *bits; u64 *swapped; };
static volatile u64 in_program = 5;
KERNEL(struct args) {
  u64 i = gid(), l = lid();
  __atomic_fetch_add(a->total, i, __ATOMIC_RELAXED);
  u32 mine = __atomic_fetch_add(a->tickets, 1, __ATOMIC_SEQ_CST);
  a->seen[mine] += 1;
  u64 old = *(volatile u64 *)a->cas;
  while (!__atomic_compare_exchange_n(a->cas, &old, old * 3 + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
  i32 candidate = 1000 - (i32)((i * 37) % 4099);
  __asm__ volatile("amomin.w zero, %0, (%1)" :: "r"(candidate), "r"(a->least) : "memory");
__atomic_fetch_xor(a->bits, 1UL << (i % 61), __ATOMIC_RELAXED);
u64 before = __atomic_exchange_n(a->swapped, i + 1, __ATOMIC_RELAXED);
__atomic_fetch_add(a->swapped + 1, before, __ATOMIC_RELAXED);
__atomic_fetch_add(&in_program, 1, __ATOMIC_RELAXED);
if (l == 0) LOCAL[0] = 0;
barrier();
__atomic_fetch_add(LOCAL, 1, __ATOMIC_RELAXED);
barrier();
if (LOCAL[0] != CSR(0xccc)) a->seen[0] = 99;
if (i == 0) a->total[1] = (u64)&in_program;
})c";

TEST(Behaviour, AtomicsOfAllLanesWarpsGroupsAndThreadsAddUp) {
  for (const VectorPath path : supported_paths()) {
    for (const unsigned threads : {1U, 2U, 5U}) {
      const std::uint64_t harts = 6000;
      GuestMachine machine(kAtomics);
      const auto* total = machine.buffer<std::uint64_t>(2);
      const auto* tickets = machine.buffer<std::uint32_t>(1);
      const auto* seen = machine.buffer<std::uint32_t>(harts);
      const auto* cas = machine.buffer<std::uint64_t>(1);
      auto* least = machine.buffer<std::int32_t>(1);
      const auto* bits = machine.buffer<std::uint64_t>(1);
      const auto* swapped = machine.buffer<std::uint64_t>(2);
      *least = 2000;
      machine.config().vector_path = path;
      machine.config().local_memory = 64_B;
      const LaunchResult result = machine.run(harts, 48, threads);
      ASSERT_FALSE(result.fault) << describe(result);
      EXPECT_EQ(total[0], harts * (harts - 1) / 2);
      EXPECT_EQ(*tickets, harts);
      for (std::uint64_t i = 0; i < harts; ++i) ASSERT_EQ(seen[i], 1U) << "ticket " << i;
      std::uint64_t power = 0, parity = 0;
      std::int32_t lowest = 2000;
      for (std::uint64_t i = 0; i < harts; ++i) {
        power = power * 3 + 1;
        parity ^= 1ULL << (i % 61);
        lowest = std::min(lowest, 1000 - static_cast<std::int32_t>(i * 37 % 4099));
      }
      EXPECT_EQ(*cas, power);
      EXPECT_EQ(*bits, parity);
      EXPECT_EQ(*least, lowest);
      // Every value but the last one swapped in came out again, and the first zero.
      EXPECT_EQ(swapped[0] + swapped[1], harts * (harts + 1) / 2);
      const std::byte* variable = machine.program().host(DeviceAddress(total[1]), 8_B);
      ASSERT_NE(variable, nullptr);
      std::uint64_t in_program = 0;
      std::memcpy(&in_program, variable, 8);
      EXPECT_EQ(in_program, 5 + harts);
    }
  }
}

// ---- memory -------------------------------------------------------------------------------------

constexpr char kAnyMemory[] = R"(
struct args { u64 *out; u64 *in; };
static const u64 table[4] = {100, 101, 102, 103};
static u64 variable[4] = {200, 201, 202, 203};
KERNEL(struct args) {
  u64 i = gid(); volatile u64 own[4]; volatile u64 *local = (volatile u64 *)0x40000000;
  for (u32 k = 0; k < 4; ++k) own[k] = 1000 * i + k;
  if (i < 4) local[i] = 300 + i;
  barrier();
  const volatile u64 *from[5] = {table, variable, own, local, a->in};
  u64 sum = 0;
  for (u32 k = 0; k < 5; ++k) {
    volatile u64 *p = (volatile u64 *)from[(i + k) % 5];
    sum = sum * 3 + p[(i + k) % 4];
    if (p == own) p[1] = sum;
  }
  a->out[i] = sum + own[1];
})";

TEST(Behaviour, OneLoadReachesEveryKindOfMemoryLaneByLane) {
  for (const VectorPath path : supported_paths()) {
    GuestMachine machine(kAnyMemory);
    const std::uint64_t harts = 64;
    const auto* out = machine.buffer<std::uint64_t>(harts);
    auto* in = machine.buffer<std::uint64_t>(4);
    std::iota(in, in + 4, 400);
    machine.config().vector_path = path;
    machine.config().local_memory = 64_B;
    const LaunchResult result = machine.run(harts, harts);
    ASSERT_FALSE(result.fault) << describe(result);
    for (std::uint64_t i = 0; i < harts; ++i) {
      std::uint64_t sum = 0, own = 1000 * i + 1;
      for (std::uint64_t k = 0; k < 5; ++k) {
        constexpr std::array<std::uint64_t, 5> kFirst = {100, 200, 0, 300, 400};
        const std::uint64_t which = (i + k) % 5, at = (i + k) % 4;
        const std::uint64_t value = which == 2 ? 1000 * i + at : kFirst[which] + at;
        sum = sum * 3 + value;
        if (which == 2) own = sum;
      }
      ASSERT_EQ(out[i], sum + own) << "hart " << i;
    }
  }
}

TEST(Behaviour, VariablesOfASegmentThatBeginsOddlyAreAtomicToo) {
  GuestMachine machine(R"(
    struct args { u64 *out; };
    __attribute__((section(".data.first"), aligned(4))) volatile u32 odd = 7;
    __attribute__((section(".data.second"), aligned(8))) volatile u64 sum = 1;
    KERNEL(struct args) { u64 i = gid(); __atomic_fetch_add(&sum, i + odd, __ATOMIC_RELAXED);
      if (i == 0) { a->out[0] = (u64)&sum; a->out[1] = (u64)&odd; } })");
  const auto* out = machine.buffer<std::uint64_t>(2);
  const LaunchResult result = machine.run(640, 64, 2);
  ASSERT_FALSE(result.fault) << describe(result);
  const std::byte* sum = machine.program().host(DeviceAddress(out[0]), 8_B);
  ASSERT_NE(sum, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(sum) % 8, 0U);
  std::uint64_t value = 0;
  std::memcpy(&value, sum, 8);
  EXPECT_EQ(value, 1 + 640 * 639 / 2 + 7 * 640);
  EXPECT_EQ(machine.program().host(DeviceAddress(out[1]), 4_KiB), nullptr);
}

constexpr char kDeepStack[] = R"(
struct args { u64 *out; };
static __attribute__((noinline)) u64 descend(u64 depth, u64 seed) {
  volatile u8 bytes[24]; volatile unsigned short halves[6];
  for (u32 k = 0; k < 24; ++k) bytes[k] = seed + k;
  for (u32 k = 0; k < 6; ++k) halves[k] = seed * 257 + k;
  u64 below = depth == 0 ? seed : descend(depth - 1, seed + 1) * 3;
  for (u32 k = 0; k < 24; ++k) below += bytes[k];
  return below + halves[(seed + depth) % 6];
}
KERNEL(struct args) { u64 i = gid(); a->out[i] = descend(i % 11, i); })";

std::uint64_t descend(std::uint64_t depth, std::uint64_t seed) {
  std::uint64_t below = depth == 0 ? seed : descend(depth - 1, seed + 1) * 3;
  for (std::uint64_t k = 0; k < 24; ++k) below += static_cast<std::uint8_t>(seed + k);
  return below + static_cast<std::uint16_t>(seed * 257 + (seed + depth) % 6);
}

TEST(Behaviour, HartsOfDifferentDepthKeepTheirStacksApart) {
  for (const VectorPath path : supported_paths()) {
    for (const std::uint32_t width : kWidths) {
      GuestMachine machine(kDeepStack);
      const std::uint64_t harts = 200;
      const auto* out = machine.buffer<std::uint64_t>(harts);
      machine.config().vector_path = path;
      machine.config().warp_width = width;
      const LaunchResult result = machine.run(harts, 100, 2);
      ASSERT_FALSE(result.fault) << describe(result);
      for (std::uint64_t i = 0; i < harts; ++i) ASSERT_EQ(out[i], descend(i % 11, i)) << i;
    }
  }
}

TEST(Behaviour, OfLanesThatStoreToOnePlaceTheHighestWins) {
  GuestMachine machine(R"(
    struct args { u32 *out; };
    KERNEL(struct args) { u64 i = gid(); a->out[0] = i; a->out[1 + i / 8] = i; if (i % 5 == 1) a->out[30] = i; })");
  const auto* out = machine.buffer<std::uint32_t>(32);
  ASSERT_FALSE(machine.run(64, 64).fault);
  EXPECT_EQ(out[0], 63U);
  for (std::uint32_t g = 0; g < 8; ++g) EXPECT_EQ(out[1 + g], g * 8 + 7);
  EXPECT_EQ(out[30], 61U);
}

// ---- the same bits ------------------------------------------------------------------------------

constexpr char kMixed[] = R"(
struct args { float *out; const float *in; };
KERNEL(struct args) {
  u64 i = gid(), l = lid(); float x = a->in[i];
  for (u32 k = 0; k < (i * 7) % 23; ++k) { if (x > 1.0f) x = x * 0.37f - 0.2f; else x = x / 0.9f + 0.05f; }
  ((volatile float *)LOCAL)[l] = x;
  barrier();
  float sum = 0; for (u32 k = 0; k <= l % 9; ++k) sum += ((volatile float *)LOCAL)[l - k % (l + 1)];
  a->out[i] = sum;
})";

void expect_equal(const Counters& a, const Counters& b) {
  EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0) << "counters differ";
}

TEST(Behaviour, AnyNumberOfThreadsGivesTheSameBitsAndCounts) {
  const std::size_t harts = 5000;
  std::vector<float> first;
  Counters counters;
  for (const VectorPath path : supported_paths()) {
    for (const unsigned threads : {1U, 2U, 5U}) {
      GuestMachine machine(kMixed);
      auto* out = machine.buffer<float>(harts);
      auto* in = machine.buffer<float>(harts);
      for (std::size_t i = 0; i < harts; ++i) in[i] = 0.001F * static_cast<float>(i) - 1.0F;
      machine.config().vector_path = path;
      machine.config().local_memory = 512_B;
      const LaunchResult result = machine.run(harts, 96, threads);
      ASSERT_FALSE(result.fault) << describe(result);
      if (first.empty()) {
        first.assign(out, out + harts);
        counters = result.counters;
      }
      EXPECT_EQ(std::memcmp(first.data(), out, harts * sizeof(float)), 0);
      expect_equal(result.counters, counters);
    }
  }
}

constexpr char kScale[] = R"(
struct args { float *y; };
KERNEL(struct args) { u64 i = gid(); a->y[i] = a->y[i] * 0.5f + 0.0f; })";

TEST(Behaviour, TheCallersRoundingAndSubnormalModesDoNotReachTheGuest) {
  GuestMachine machine(kScale);
  auto* y = machine.buffer<float>(96);
  for (std::size_t i = 0; i < 96; ++i) y[i] = std::ldexp(static_cast<float>(2 * i + 1), -149);
  std::vector<float> expected(96);
  for (std::size_t i = 0; i < 96; ++i) expected[i] = y[i] * 0.5F;
  std::fenv_t before{};
  std::fegetenv(&before);
#if defined(__x86_64__)
  constexpr unsigned kFlushBoth = 0x8040;
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | kFlushBoth);
#endif
  std::fesetround(FE_UPWARD);
  const LaunchResult result = machine.run(96, 32, 2);
  EXPECT_EQ(std::fegetround(), FE_UPWARD) << "and the caller keeps his own";
  std::fesetenv(&before);
  ASSERT_FALSE(result.fault) << describe(result);
  EXPECT_EQ(std::memcmp(expected.data(), y, 96 * sizeof(float)), 0);
}

// ---- host threads -------------------------------------------------------------------------------

TEST(Behaviour, LaunchesFromSeveralHostThreadsDoNotDisturbEachOther) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  std::uint64_t entry = 0;
  (void)compile_guest(kScale, entry);  // once, before the threads
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&wrong, c] {
      GuestMachine machine(kScale);
      auto* y = machine.buffer<float>(640);
      for (std::size_t i = 0; i < 640; ++i) y[i] = static_cast<float>(c);
      for (int turn = 0; turn < 50; ++turn) {
        if (machine.run(640, 64, static_cast<unsigned>(1 + (turn + c) % 4)).fault) ++wrong;
      }
      for (std::size_t i = 0; i < 640; ++i) {
        if (y[i] != std::ldexp(static_cast<float>(c), -50)) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Behaviour, AForkedChildRunsKernelsToo) {
  GuestMachine machine(kScale);
  auto* y = machine.buffer<float>(640);
  ASSERT_FALSE(machine.run(640, 64, 2).fault);  // the pool has its threads now
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    y[639] = 8.0F;
    const bool good = !machine.run(640, 64, 2).fault && y[639] == 4.0F;
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// ---- counts -------------------------------------------------------------------------------------

constexpr char kCounted[] = R"(
  _start:
    csrr t0, 0xcc3
    ld a1, 0(a0)
    slli t1, t0, 2
    add t1, t1, a1
    lw t2, 0(t1)
    andi t3, t0, 1
    beqz t3, 1f
    addi t2, t2, 5
    j 2f
  1:
    mul t2, t2, t2
  2:
    fcvt.s.w ft0, t2
    fmadd.s ft0, ft0, ft0, ft0
    sw t2, 0(t1)
    sw t2, -16(sp)
    li t4, 0x40000000
    amoadd.w t2, t0, (t4)
    .word 0x0200000b
)";

TEST(Behaviour, CountsAreThoseOfTheHand) {
  // Groups of 40: a warp of 32 lanes and one of 8; both halves of each part at the branch.
  for (const VectorPath path : supported_paths()) {
    GuestMachine machine(guest_assembly(kCounted));
    machine.buffer<std::uint32_t>(40);
    machine.config().vector_path = path;
    machine.config().local_memory = 4_B;
    const std::uint64_t groups = 3, warps = 6, harts = 120;
    const LaunchResult result = machine.run(harts, 40, 2);
    ASSERT_FALSE(result.fault) << describe(result);
    const Counters& c = result.counters;
    const auto issued = [&](isa::CostClass which) {
      return c.warp_instructions[static_cast<std::size_t>(which)];
    };
    const auto executed = [&](isa::CostClass which) {
      return c.thread_instructions[static_cast<std::size_t>(which)];
    };
    EXPECT_EQ(c.launches, 1U);
    EXPECT_EQ(c.work_groups, groups);
    EXPECT_EQ(c.work_items, harts);
    EXPECT_EQ(c.warps, warps);
    EXPECT_EQ(issued(isa::CostClass::kIntAlu), 5 * warps);  // slli add andi addi lui
    EXPECT_EQ(executed(isa::CostClass::kIntAlu), 4 * harts + harts / 2);
    EXPECT_EQ(issued(isa::CostClass::kIntMul), warps);
    EXPECT_EQ(executed(isa::CostClass::kIntMul), harts / 2);
    EXPECT_EQ(issued(isa::CostClass::kBranch), 2 * warps);
    EXPECT_EQ(executed(isa::CostClass::kBranch), harts + harts / 2);
    EXPECT_EQ(issued(isa::CostClass::kLoad), 2 * warps);
    EXPECT_EQ(issued(isa::CostClass::kStore), 2 * warps);
    EXPECT_EQ(issued(isa::CostClass::kAtomic), warps);
    EXPECT_EQ(issued(isa::CostClass::kFp32), 2 * warps);
    EXPECT_EQ(issued(isa::CostClass::kSystem), warps);
    EXPECT_EQ(issued(isa::CostClass::kSync), warps);
    EXPECT_EQ(c.total_warp_instructions(), 17 * warps);
    EXPECT_EQ(c.lane_slots, 17 * harts);
    EXPECT_EQ(c.total_thread_instructions(), 17 * harts - harts - harts / 2);
    EXPECT_DOUBLE_EQ(c.simd_efficiency(), 15.5 / 17);
    EXPECT_EQ(c.flops_fp32, 2 * harts);
    EXPECT_EQ(c.flops_fp64, 0U);
    EXPECT_EQ(c.divergent_branches, warps);
    EXPECT_EQ(c.constant_bytes, Bytes(8 * harts));
    EXPECT_EQ(c.global_load_bytes, Bytes(4 * harts));
    EXPECT_EQ(c.global_store_bytes, Bytes(4 * harts));
    EXPECT_EQ(c.global_sectors, groups * 2 * (4 + 1));  // 128 bytes, and 32
    EXPECT_EQ(c.private_bytes, Bytes(4 * harts));
    EXPECT_EQ(c.local_bytes, Bytes(4 * harts));
    EXPECT_EQ(c.local_accesses, warps);
  }
}

}  // namespace
}  // namespace isobar::simt
