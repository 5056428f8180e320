// Guest programs compiled here by stock clang, run by each vector path, on several thread counts,
// and compared with the same computation on the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "simt/testing/guest_machine.h"

namespace isobar::simt {
namespace {

constexpr char kSaxpy[] = R"(
struct args { float *y; const float *x; float a; u32 n; };
KERNEL(struct args) { u64 i = gid(); if (i < a->n) a->y[i] = a->a * a->x[i] + a->y[i]; })";

TEST(Launch, SaxpyEqualsTheHostsBitForBitOnEveryPathAndThreadCount) {
  for (const VectorPath path : supported_paths()) {
    for (const unsigned threads : {1U, 2U, 3U}) {
      GuestMachine machine(kSaxpy);
      const std::size_t n = 1000;
      auto* y = machine.buffer<float>(n);
      auto* x = machine.buffer<float>(n);
      machine.argument(1.5F);
      machine.argument(static_cast<std::uint32_t>(n));
      std::vector<float> expected(n);
      for (std::size_t i = 0; i < n; ++i) {
        x[i] = 0.1F * static_cast<float>(i);
        y[i] = 3.0F - static_cast<float>(i);
        expected[i] = std::fma(1.5F, x[i], y[i]);
      }
      machine.config().vector_path = path;
      const LaunchResult result = machine.run(1024, 64, threads);
      ASSERT_FALSE(result.fault) << name(result.fault->kind) << result.fault->detail;
      EXPECT_EQ(std::memcmp(expected.data(), y, n * sizeof(float)), 0);
      EXPECT_EQ(result.counters.flops_fp32, 2 * n);
      EXPECT_EQ(result.counters.global_store_bytes, Bytes(4 * n));
      EXPECT_EQ(result.counters.work_items, 1024U);
    }
  }
}

constexpr char kCollatz[] = R"(
struct args { u32 *out; };
KERNEL(struct args) {
  u64 n = gid() + 1; u32 steps = 0;
  while (n != 1) { if (n & 1) n = 3 * n + 1; else n >>= 1; ++steps; }
  a->out[gid()] = steps;
})";

TEST(Launch, DivergentLoopsGiveEveryHartItsOwnAnswer) {
  for (const VectorPath path : supported_paths()) {
    for (const std::uint32_t width : {1U, 5U, 8U, 32U, 64U}) {
      GuestMachine machine(kCollatz);
      auto* out = machine.buffer<std::uint32_t>(300);
      machine.config().vector_path = path;
      machine.config().warp_width = width;
      const LaunchResult result = machine.run(300, 100);
      ASSERT_FALSE(result.fault) << name(result.fault->kind);
      for (std::uint64_t i = 0; i < 300; ++i) {
        std::uint32_t steps = 0;
        for (std::uint64_t n = i + 1; n != 1; ++steps) n = n % 2 == 1 ? 3 * n + 1 : n / 2;
        ASSERT_EQ(out[i], steps) << "hart " << i << ", width " << width;
      }
    }
  }
}

constexpr char kReduce[] = R"(
struct args { u32 *out; const u32 *in; };
KERNEL(struct args) {
  u64 l = lid();
  LOCAL[l] = a->in[gid()];
  barrier();
  for (u32 s = 64; s > 0; s >>= 1) { if (l < s) LOCAL[l] += LOCAL[l + s]; barrier(); }
  if (l == 0) a->out[group()] = LOCAL[0];
})";

TEST(Launch, BarriersInALoopOrderLocalMemoryAcrossWarps) {
  for (const VectorPath path : supported_paths()) {
    GuestMachine machine(kReduce);
    auto* out = machine.buffer<std::uint32_t>(4);
    auto* in = machine.buffer<std::uint32_t>(512);
    for (std::uint32_t i = 0; i < 512; ++i) in[i] = i * i;
    machine.config().vector_path = path;
    machine.config().local_memory = 512_B;
    const LaunchResult result = machine.run(512, 128, 2);
    ASSERT_FALSE(result.fault) << name(result.fault->kind);
    for (std::uint32_t g = 0; g < 4; ++g) {
      std::uint32_t sum = 0;
      for (std::uint32_t i = 0; i < 128; ++i) sum += in[g * 128 + i];
      EXPECT_EQ(out[g], sum);
    }
  }
}

constexpr char kSpinLock[] = R"(
struct args { volatile i32 *lock; u32 *count; };
KERNEL(struct args) {
  while (__sync_lock_test_and_set(a->lock, 1)) {}
  *a->count = *a->count + 1;
  __sync_lock_release(a->lock);
})";

TEST(Launch, ASpinLockInsideAWarpDoesNotLivelock) {
  GuestMachine machine(kSpinLock);
  machine.buffer<std::int32_t>(1);
  auto* count = machine.buffer<std::uint32_t>(1);
  const LaunchResult result = machine.run(256, 64, 2);
  ASSERT_FALSE(result.fault) << name(result.fault->kind);
  EXPECT_EQ(*count, 256U);
}

constexpr char kStore[] = R"(
struct args { u32 *out; };
KERNEL(struct args) { a->out[gid()] = 7; })";

TEST(Launch, AStoreBehindTheBufferNamesTheFirstHartThatDidIt) {
  for (const VectorPath path : supported_paths()) {
    GuestMachine machine(kStore);
    auto* out = machine.buffer<std::uint32_t>(100);
    machine.config().vector_path = path;
    const LaunchResult result = machine.run(128, 64, 2);
    ASSERT_TRUE(result.fault);
    EXPECT_EQ(result.fault->kind, FaultKind::kOutOfBounds);
    EXPECT_EQ(result.fault->global_id[0], 100U);
    EXPECT_TRUE(result.fault->is_store);
    EXPECT_THAT(result.fault->detail, ::testing::HasSubstr("400 bytes past the start"));
    EXPECT_EQ(out[99], 7U);
  }
}

TEST(Launch, ANullPointerIsCalledOne) {
  GuestMachine machine(kStore);
  machine.argument(std::uint64_t{0});
  const LaunchResult result = machine.run(32, 32);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kNullPointer);
}

TEST(Launch, AnEndlessLoopEndsAtTheInstructionLimit) {
  GuestMachine machine(
      "struct args { u32 *o; }; KERNEL(struct args) { for (;;) *(volatile u32 *)a->o = 1; }");
  machine.buffer<std::uint32_t>(1);
  machine.config().instruction_limit = 1'000'000;
  const LaunchResult result = machine.run(64, 64);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kInstructionLimit);
}

TEST(Launch, AShortKernelToo) {
  for (const std::uint64_t limit : {std::uint64_t{3}, std::uint64_t{1000}}) {
    GuestMachine machine("struct args { u32 *o; }; KERNEL(struct args) { a->o[gid()] = 1; }");
    machine.buffer<std::uint32_t>(64);
    machine.config().instruction_limit = limit;
    const LaunchResult result = machine.run(64, 64);
    EXPECT_EQ(result.fault.has_value(), limit == 3);
    if (result.fault) EXPECT_EQ(result.fault->kind, FaultKind::kInstructionLimit);
  }
}

constexpr char kPrivateArray[] = R"(
struct args { u32 *out; };
KERNEL(struct args) {
  volatile u32 table[16]; u64 i = gid();
  for (u32 k = 0; k < 16; ++k) table[k] = k * 3 + i;
  a->out[i] = table[(i * 7) & 15];
})";

TEST(Launch, EachHartHasItsOwnPrivateMemory) {
  for (const VectorPath path : supported_paths()) {
    GuestMachine machine(kPrivateArray);
    auto* out = machine.buffer<std::uint32_t>(96);
    machine.config().vector_path = path;
    const LaunchResult result = machine.run(96, 96);
    ASSERT_FALSE(result.fault) << name(result.fault->kind) << result.fault->detail;
    for (std::uint32_t i = 0; i < 96; ++i) ASSERT_EQ(out[i], ((i * 7) & 15) * 3 + i);
  }
}

}  // namespace
}  // namespace isobar::simt
