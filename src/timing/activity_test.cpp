// What a listener is told of a launch, against what the launch itself says.
#include "timing/activity.h"

#include <gtest/gtest.h>

#include "timing/testing/timed_guest.h"

namespace isobar::timing {
namespace {

struct Listener : ActivityListener {
  void warp(std::uint32_t core, const WarpLife& life) override {
    log += std::to_string(core) + " " + std::to_string(life.slot) + " " +
           std::to_string(life.begin) + " " + std::to_string(life.end) + "\n";
    warps += 1;
    warp_cycles += life.end - life.begin;
  }
  void work_group(std::uint32_t, std::uint64_t number, Span when) override {
    groups += 1;
    EXPECT_LT(number, 64U);
    EXPECT_LT(when.begin, when.end);
  }
  void pipes(std::uint32_t, Span when, const std::array<double, kPipes>& busy) override {
    held += busy[static_cast<std::size_t>(PipeKind::kInteger)] *
            static_cast<double>(when.end - when.begin);
  }
  void channel(std::uint32_t, Span when, double busy, std::uint64_t opened) override {
    bus += busy * static_cast<double>(when.end - when.begin);
    rows += opened;
  }
  std::string log;
  std::uint64_t warps = 0, groups = 0, warp_cycles = 0, rows = 0;
  double held = 0, bus = 0;
};

constexpr char kCopy[] = R"(
struct args { u32 *out; const u32 *in; };
KERNEL(struct args) { a->out[gid()] = a->in[gid()] * 3 + 1; })";

struct Copy : TimedGuest {
  explicit Copy(const chip::Chip& chip) : TimedGuest(kCopy, chip) {
    buffer<std::uint32_t>(8192);
    buffer<std::uint32_t>(8192);
  }
};

TEST(Activity, TellsEveryWarpAndWhatPipesAndChannelsDid) {
  Copy guest(nano());
  Listener listener;
  guest.machine().set_listener(&listener);
  const LaunchTimes times = guest.time(8192, 128);
  EXPECT_EQ(listener.groups, 64U);
  EXPECT_EQ(listener.warps, 256U);
  EXPECT_EQ(listener.rows, times.memory.dram_activates);
  // Residence counts from the arrival that was planned, a life from the same cycle.
  EXPECT_NEAR(static_cast<double>(listener.warp_cycles),
              static_cast<double>(times.resident_warp_cycles),
              0.02 * static_cast<double>(times.resident_warp_cycles));
  std::uint64_t integers = 0;
  for (const OperationTimes& each : times.operations)
    if (each.issued == Cause::kInteger || each.issued == Cause::kSystemIssue)
      integers += each.issues;  // reading who one is goes through the integer pipe, too
  // 128 lanes among four schedulers: an instruction holds a quarter of the pipe for one cycle.
  EXPECT_NEAR(listener.held, static_cast<double>(integers) / 4, 0.01 * listener.held);
  const double bytes_per_cycle = guest.chip().dram.bandwidth.count() / guest.chip().clock.count();
  const auto bytes =
      static_cast<double>(times.memory.dram_read_bytes + times.memory.dram_write_bytes);
  EXPECT_NEAR(listener.bus / 8, bytes / bytes_per_cycle, 0.02 * listener.bus / 8)
      << "eight channels, each with an eighth of the bandwidth";
}

TEST(Activity, ChangesNoCycleAndDoesNotDependOnHostThreads) {
  Copy quiet(nano());
  const std::uint64_t cycles = quiet.time(8192, 128).cycles().count();
  std::string first;
  for (const unsigned threads : {1U, 3U}) {
    Copy guest(nano());
    Listener listener;
    guest.machine().set_listener(&listener);
    EXPECT_EQ(guest.time(8192, 128, threads).cycles().count(), cycles);
    if (first.empty()) first = listener.log;
    EXPECT_EQ(listener.log, first);
  }
}

}  // namespace
}  // namespace isobar::timing
