// The path of a load, seen from a program: miss registers, the levels' latencies by the size of
// what is walked through, and what more of a resource does to whole kernels.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "chip/dram_presets.h"
#include "timing/testing/code_cost.h"

namespace isobar::timing {
namespace {

// ---- miss registers -----------------------------------------------------------------------------

/// Cycles of one warp that loads so many lines at once, all of them missing, and waits for them.
LaunchTimes cold_loads(unsigned lines, const chip::Chip& chip) {
  std::string body = "ld t0, 0(a0)\n", uses;
  for (unsigned i = 0; i < lines; ++i) {
    body += fmt::format("ld s{}, {}(t0)\n", i, i * 128);
    uses += fmt::format("add t1, t1, s{}\n", i);
  }
  TimedGuest guest(assembly(body + uses), chip);
  guest.buffer<std::uint64_t>(4096);
  return guest.time(32, 32);
}

TEST(MissRegisters, OneMissMoreThanThereAreRegistersWaits) {
  chip::Chip four = nano(), many = nano();
  four.l1.mshrs = 4;
  EXPECT_EQ(cold_loads(4, four).cycles(), cold_loads(4, many).cycles());
  const LaunchTimes waits = cold_loads(5, four), flies = cold_loads(5, many);
  // It leaves when the first one's data arrive, and then takes as long itself.
  const std::uint64_t idle = 2 * four.interconnect.latency + four.l2.latency;
  EXPECT_GT((waits.cycles() - flies.cycles()).count(), idle);
}

// ---- a pointer chase ----------------------------------------------------------------------------

constexpr char kChase[] = R"(
  ld t0, 0(a0)
  ld t2, 8(a0)
1:
  ld t0, 0(t0)
  ld t0, 0(t0)
  ld t0, 0(t0)
  ld t0, 0(t0)
  addi t2, t2, -4
  bnez t2, 1b
)";

/// Cycles per load of walks through all lines of a buffer in random order, behind a first walk.
double chase_cycles(const chip::Chip& chip, std::uint64_t bytes) {
  constexpr std::uint64_t kLine = 128, kMost = 65536;  // lines: four times the caches
  const std::uint64_t lines = bytes / kLine, steps = std::min(lines, kMost);
  const auto walk = [&](std::uint64_t loads) {
    TimedGuest guest(assembly(kChase), chip);
    auto* memory = guest.buffer<std::uint64_t>(bytes / 8);
    guest.argument<std::uint64_t>(loads);
    std::vector<std::uint64_t> order(lines);
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
    const std::uint64_t base = guest.address_of(memory);
    for (std::uint64_t i = 0; i < lines; ++i)
      memory[order[i] * kLine / 8] = base + order[(i + 1) % lines] * kLine;
    (void)guest.time(32, 32);
    return guest.time(32, 32).cycles().count();
  };
  return static_cast<double>(walk(2 * steps) - walk(steps)) / static_cast<double>(steps);
}

TEST(PointerChase, HasAPlateauForEachLevel) {
  chip::Chip chip = nano();
  chip.dram.refresh = false;  // which a load now and then would wait for
  const std::uint64_t first = chip.l1.latency;
  for (const Bytes bytes : {16_KiB, 64_KiB, 112_KiB})
    EXPECT_EQ(chase_cycles(chip, bytes.count()), static_cast<double>(first)) << bytes.count();
  // A miss is known after the lookup; 32 bytes come back through a port of 64 a cycle.
  const std::uint64_t second = first + 2 * chip.interconnect.latency + chip.l2.latency + 1;
  for (const Bytes bytes : {256_KiB, 1024_KiB, 1536_KiB})
    EXPECT_EQ(chase_cycles(chip, bytes.count()), static_cast<double>(second)) << bytes.count();
  // Nearly every load finds another row open in its bank; some find none, early in the walk.
  const chip::DramTimings t = chip::dram_timings(chip.dram);
  const auto cycles = [&](Picoseconds time) {
    return static_cast<double>(time.count()) * 1e-12 * chip.clock.count();
  };
  const double conflict = static_cast<double>(second) +
                          chip.dram.controller_latency.count() * chip.clock.count() +
                          cycles(t.rp + t.rcd_read + t.cl + t.burst);
  for (const Bytes bytes : {32_MiB, 64_MiB})
    EXPECT_NEAR(chase_cycles(chip, bytes.count()) / conflict, 1, 0.02) << bytes.count();
}

// ---- more of something, less of something -------------------------------------------------------

struct Benchmark {
  const char* name;
  std::uint64_t items;
  const char* text;
};
constexpr Benchmark kBenchmarks[] = {
    {"stream", 262144, R"(
struct args { float *out; const float *in; };
KERNEL(struct args) { u64 i = gid(); a->out[i] = a->in[i] * 2 + 1; })"},
    {"gather", 65536, R"(
struct args { float *out; const float *in; };
KERNEL(struct args) {
  u64 i = gid(); float s = 0;
  for (u32 k = 0; k < 8; ++k) s += a->in[(u32)(i * 2654435761u + k * 40503u) % 65536];
  a->out[i] = s; })"},
    {"arithmetic", 65536, R"(
struct args { float *out; const float *in; };
KERNEL(struct args) {
  u64 i = gid(); float x = a->in[i], y = x + 1, z = x + 2, w = x + 3;
  for (u32 k = 0; k < 64; ++k) { x = x * x + y; y = y * y + z; z = z * z + w; w = w * w + x; }
  a->out[i] = x + y + z + w; })"},
};

struct Took {
  double seconds = 0;
  LaunchTimes times;
};
Took run(const Benchmark& benchmark, const chip::Chip& chip) {
  const std::uint64_t items = benchmark.items;
  TimedGuest guest(benchmark.text, chip);
  guest.buffer<float>(items);
  guest.buffer<float>(items);
  (void)guest.time(items, 128);
  Took took;
  took.times = guest.time(items, 128);
  took.seconds = static_cast<double>(took.times.cycles().count()) / chip.clock.count();
  return took;
}

TEST(MissRegisters, AreNamedByTheLedgerWhenWarpsWaitForThem) {
  chip::Chip few = nano();
  few.l1.mshrs = 4;
  const Took many_registers = run(kBenchmarks[1], nano()), few_registers = run(kBenchmarks[1], few);
  EXPECT_GT(few_registers.seconds, many_registers.seconds);
  const auto share = [](const Took& took) {
    return static_cast<double>(charge(took.times, Cause::kL1Mshr) +
                               charge(took.times, Cause::kPipeLoadStore)) /
           static_cast<double>(took.times.capacity);
  };
  EXPECT_GT(share(few_registers), share(many_registers) + 0.1);
}

TEST(Monotony, MoreOfAnyResourceNeverMakesABenchmarkSlower) {
  // The order of requests changes with the machine, and with it which rows are open: 1 %.
  constexpr double kChance = 1.01;
  for (const Benchmark& benchmark : kBenchmarks) {
    const double base = run(benchmark, nano()).seconds;
    const auto with = [&](const char* what, auto change) {
      chip::Chip chip = nano();
      change(chip);
      EXPECT_LE(run(benchmark, chip).seconds, base * kChance) << benchmark.name << ": " << what;
    };
    with("twice the cores", [](chip::Chip& c) { c.core.count *= 2; });
    with("twice the clock", [](chip::Chip& c) { c.clock = c.clock * 2.0; });
    with("twice the first level", [](chip::Chip& c) { c.l1.size = c.l1.size * 2; });
    with("twice the second level", [](chip::Chip& c) { c.l2.size = c.l2.size * 2; });
    with("twice the channels", [](chip::Chip& c) {
      c.dram.channels *= 2;
      c.dram.bandwidth = c.dram.bandwidth * 2.0;
      c.l2.slices *= 2;
    });
    with("twice the fp32 lanes", [](chip::Chip& c) { c.core.fp32.lanes *= 2; });
  }
}

/// What the ledger says a halved resource will cost: the share of slots in which it was at work or
/// waited for comes once more.
double predicted(const Took& base, std::initializer_list<Cause> causes) {
  std::uint64_t slots = 0;
  for (const Cause cause : causes) slots += charge(base.times, cause);
  return base.seconds * (1 + static_cast<double>(slots) / static_cast<double>(base.times.capacity));
}

TEST(Ledger, PredictsWhatHalvingTheNamedResourceCosts) {
  chip::Chip narrow = nano();
  narrow.core.fp32.lanes /= 2;  // so that this pipe, and not the issue, is what bounds it
  const Took arithmetic = run(kBenchmarks[2], narrow);
  narrow.core.fp32.lanes /= 2;
  const double lanes = run(kBenchmarks[2], narrow).seconds;
  const double lanes_said = predicted(arithmetic, {Cause::kArithmetic, Cause::kPipeFp32});
  RecordProperty("half_the_fp32_lanes",
                 fmt::format("{:.3f} of what was predicted", lanes / lanes_said));
  EXPECT_NEAR(lanes / lanes_said, 1, 0.15);

  const Took stream = run(kBenchmarks[0], nano());
  chip::Chip slow = nano();
  slow.dram.bandwidth = slow.dram.bandwidth * 0.5;
  const double bandwidth = run(kBenchmarks[0], slow).seconds;
  const double bandwidth_said = predicted(stream, {Cause::kDramQueue, Cause::kDramTransfer});
  RecordProperty("half_the_bandwidth",
                 fmt::format("{:.3f} of what was predicted", bandwidth / bandwidth_said));
  EXPECT_NEAR(bandwidth / bandwidth_said, 1, 0.15);
  std::printf("half the lanes: %.3f of predicted; half the bandwidth: %.3f\n", lanes / lanes_said,
              bandwidth / bandwidth_said);
}

}  // namespace
}  // namespace isobar::timing
