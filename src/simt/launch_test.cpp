// Guest programs compiled here by stock clang, run by each vector path, on several thread counts,
// and compared with the same computation on the host.
#include "simt/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/subprocess.h"
#include "isa/guest_abi.h"

namespace isobar::simt {
namespace {
namespace fs = std::filesystem;

constexpr char kPrelude[] = R"(
typedef unsigned long u64; typedef unsigned u32; typedef int i32;
static inline u64 gid(void) { u64 r; __asm__("csrr %0, 0xcc0" : "=r"(r)); return r; }
static inline u64 lid(void) { u64 r; __asm__("csrr %0, 0xcc3" : "=r"(r)); return r; }
static inline u64 group(void) { u64 r; __asm__("csrr %0, 0xcc6" : "=r"(r)); return r; }
static inline void barrier(void) { __asm__ volatile(".word 0x0000000b" ::: "memory"); }
#define KERNEL(type) \
  static void kernel(const type *a); \
  void _start(const type *a) { kernel(a); __asm__ volatile(".word 0x0200000b"); __builtin_unreachable(); } \
  static __attribute__((noinline)) void kernel(const type *a)
#define LOCAL ((volatile u32 *)0x40000000)
)";

/// Compiles C text to an executable at the program base.
std::shared_ptr<Program> compile(const std::string& text, std::uint64_t& entry) {
  static int number = 0;
  const fs::path base = fs::temp_directory_path() / ("isobar-simt-" + std::to_string(::getpid()) +
                                                     "-" + std::to_string(number++));
  write_text_atomically(base.string() + ".c", kPrelude + text);
  const auto result = run_subprocess(
      {"clang-19", "--target=riscv64", "-march=rv64imafd_zfh_zba_zbb_zbs_zicond", "-mabi=lp64d",
       "-O2", "-ffreestanding", "-fno-builtin", "-nostdlib", "-static", "-mcmodel=medany",
       "-fuse-ld=lld", "-mllvm", "-disable-block-placement", "-o", base.string() + ".elf",
       base.string() + ".c"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const auto image = elf::Image::parse(read_file(base.string() + ".elf"), "test");
  fs::remove(base.string() + ".c");
  fs::remove(base.string() + ".elf");
  entry = image.entry();
  return Program::load(image);
}

std::vector<VectorPath> paths() {
  std::vector<VectorPath> result;
  for (const VectorPath path : {VectorPath::kPortable, VectorPath::kAvx2, VectorPath::kAvx512}) {
    if (is_supported(path)) result.push_back(path);
  }
  return result;
}

/// A kernel and the buffers its argument structure points to.
class Machine {
 public:
  explicit Machine(const std::string& text) : program_(compile(text, config_.entry)) {}

  template <class T>
  T* buffer(std::size_t count) {
    const auto address = memory_.allocate(Bytes(count * sizeof(T)), 64_B);
    argument(address.value().value());
    return reinterpret_cast<T*>(memory_.host(*address));
  }
  template <class T>
  void argument(T value) {
    arguments_.resize((arguments_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    arguments_.insert(arguments_.end(), bytes, bytes + sizeof(T));
  }
  LaunchResult run(std::uint64_t global, std::uint64_t local, unsigned threads = 1) {
    config_.global_size = {global, 1, 1};
    config_.local_size = {local, 1, 1};
    config_.arguments = arguments_;
    return launch(*program_, memory_, config_, threads);
  }
  LaunchConfig& config() { return config_; }

 private:
  GlobalMemory memory_{1_GiB};
  LaunchConfig config_;
  std::shared_ptr<Program> program_;
  std::vector<std::byte> arguments_;
};

constexpr char kSaxpy[] = R"(
struct args { float *y; const float *x; float a; u32 n; };
KERNEL(struct args) { u64 i = gid(); if (i < a->n) a->y[i] = a->a * a->x[i] + a->y[i]; })";

TEST(Launch, SaxpyEqualsTheHostsBitForBitOnEveryPathAndThreadCount) {
  for (const VectorPath path : paths()) {
    for (const unsigned threads : {1U, 2U, 3U}) {
      Machine machine(kSaxpy);
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
  for (const VectorPath path : paths()) {
    for (const std::uint32_t width : {1U, 5U, 8U, 32U, 64U}) {
      Machine machine(kCollatz);
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
  for (const VectorPath path : paths()) {
    Machine machine(kReduce);
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
  Machine machine(kSpinLock);
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
  for (const VectorPath path : paths()) {
    Machine machine(kStore);
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
  Machine machine(kStore);
  machine.argument(std::uint64_t{0});
  const LaunchResult result = machine.run(32, 32);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kNullPointer);
}

TEST(Launch, AnEndlessLoopEndsAtTheInstructionLimit) {
  Machine machine(
      "struct args { u32 *o; }; KERNEL(struct args) { for (;;) *(volatile u32 *)a->o = 1; }");
  machine.buffer<std::uint32_t>(1);
  machine.config().instruction_limit = 1'000'000;
  const LaunchResult result = machine.run(64, 64);
  ASSERT_TRUE(result.fault);
  EXPECT_EQ(result.fault->kind, FaultKind::kInstructionLimit);
}

constexpr char kPrivateArray[] = R"(
struct args { u32 *out; };
KERNEL(struct args) {
  volatile u32 table[16]; u64 i = gid();
  for (u32 k = 0; k < 16; ++k) table[k] = k * 3 + i;
  a->out[i] = table[(i * 7) & 15];
})";

TEST(Launch, EachHartHasItsOwnPrivateMemory) {
  for (const VectorPath path : paths()) {
    Machine machine(kPrivateArray);
    auto* out = machine.buffer<std::uint32_t>(96);
    machine.config().vector_path = path;
    const LaunchResult result = machine.run(96, 96);
    ASSERT_FALSE(result.fault) << name(result.fault->kind) << result.fault->detail;
    for (std::uint32_t i = 0; i < 96; ++i) ASSERT_EQ(out[i], ((i * 7) & 15) * 3 + i);
  }
}

}  // namespace
}  // namespace isobar::simt
