#include "device/views/profile_file.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace isobar::device {
namespace {

KernelSums::Row a_row(const char* name, std::uint64_t n) {
  KernelSums::Row row{name, {}};
  simt::Counters& c = row.stats.counters;
  c.launches = n;
  for (std::size_t i = 0; i < simt::kClasses; ++i) {
    c.warp_instructions.at(i) = n + i;
    c.thread_instructions.at(i) = 32 * (n + i);
  }
  c.lane_slots = 100000 * n;
  c.global_load_bytes = Bytes(7 * n);
  row.stats.time = Picoseconds(15 * n);
  row.stats.first_order = {Picoseconds(15 * n), Picoseconds(n),     Picoseconds(2 * n),
                           Picoseconds(3 * n),  Picoseconds(4 * n), Picoseconds(5 * n)};
  row.stats.cycles.cycles = Cycles(n);
  row.stats.cycles.capacity = n;
  row.stats.cycles.charges.back() = n;
  row.stats.cycles.memory.dram_row_hits = 13 * n;
  row.stats.host_nanoseconds = 11 * n;
  row.stats.timed_capacity = n;
  row.stats.energy.picojoules.fill(n);
  device::HotOperation& operation = row.operations.emplace_back();
  operation.pc = 0x1000;
  operation.text = "flw ft0, 0(a1)";
  operation.file = "kernel.cl";
  operation.line = 7;
  operation.source = "sum += a[i];";
  operation.issues = n;
  operation.charges.back() = n;
  return row;
}

TEST(ProfileFile, WhatIsWrittenIsReadBack) {
  Profile profile{"chip \"x\"", {a_row("a", 3), a_row("b", 1ULL << 60U)}, {"fault\n"}};
  profile.running = {{"spin", 12345678901234567U}};
  const Profile again = profile_from_json(profile_to_json(profile), "test");
  EXPECT_EQ(profile_to_json(again), profile_to_json(profile));
  EXPECT_EQ(again.running.at(0).since_nanoseconds, 12345678901234567U);
  EXPECT_EQ(again.kernels.at(1).stats.time, profile.kernels.at(1).stats.time);
}

TEST(ProfileFile, ProcessesAreAddedKernelByKernel) {
  Profile all{"", {a_row("a", 1)}, {}};
  all.merge({"nano", {a_row("b", 5), a_row("a", 2)}, {"oops"}});
  ASSERT_EQ(all.kernels.size(), 2U);
  EXPECT_EQ(all.chip, "nano");
  EXPECT_EQ(all.kernels[0].stats.counters.launches, 3U);
  EXPECT_EQ(all.kernels[0].stats.first_order.dram, Picoseconds(12));
  EXPECT_EQ(all.faults.size(), 1U);
  ASSERT_EQ(all.kernels[0].operations.size(), 1U);
  EXPECT_EQ(all.kernels[0].operations[0].issues, 3U);
  EXPECT_EQ(all.kernels[0].stats.energy.total(), 27U);
}

TEST(ProfileFile, DamageIsAnError) {
  const std::string good = profile_to_json({"c", {a_row("a", 1)}, {}});
  for (std::size_t cut = 0; cut + 2 < good.size(); cut += 97)
    EXPECT_THROW((void)profile_from_json(good.substr(0, cut), "test"), UserError) << cut;
  EXPECT_THROW((void)profile_from_json("{\"chip\": 3}", "test"), UserError);
}

}  // namespace
}  // namespace isobar::device
