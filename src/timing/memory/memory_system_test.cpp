// The shared memory end to end: what an idle one takes, what queues where, and that nothing depends
// on the order in which partitions are simulated.
#include "timing/memory/memory_system.h"

#include <gtest/gtest.h>

#include <random>

#include "timing/memory/memory_test_driver.h"

namespace isobar::timing {
namespace {

MemoryRequest read(std::uint64_t sent, std::uint64_t address, std::uint32_t sectors = 1) {
  return {.sent = Cycles(sent), .line = DeviceAddress(address), .sectors = sectors};
}

TEST(MemorySystem, AReadThatHitsTakesExactlyTheDescribedCycles) {
  const chip::Chip chip = chip::find_chip("isobar-nano");
  MemoryDriver driver(chip);
  driver.send(read(0, 0x1000, 0xf));
  const auto miss = driver.finish();
  ASSERT_EQ(miss.size(), 1U);
  const Cycles sent = driver.now;
  driver.send(read(sent.count(), 0x1000, 0xf));
  const auto hit = driver.finish();
  ASSERT_EQ(hit.size(), 1U);
  // 128 bytes through ports of 64 bytes per cycle: two cycles.
  EXPECT_EQ((hit[0].ready - sent).count(), 2U * 24 + 48 + 2);
  EXPECT_GT(miss[0].ready, hit[0].ready - sent);
}

/// Cycles until `count` lines have been read that lie one after another.
std::uint64_t cycles_to_read(const chip::Chip& chip, std::uint64_t count) {
  MemoryDriver driver(chip);
  for (std::uint64_t i = 0; i < count; ++i) {
    MemoryRequest request = read(0, i * 128, 0xf);
    request.core = static_cast<std::uint32_t>(i % chip.core.count);
    driver.send(request);
  }
  std::uint64_t last = 0;
  for (const MemoryResponse& each : driver.finish()) last = std::max(last, each.ready.count());
  return last;
}

TEST(MemorySystem, WithoutASecondLevelNothingIsKept) {
  chip::Chip chip = chip::find_chip("isobar-nano");
  chip.l2.size = 0_B;
  chip.dram.refresh = false;  // which closes rows
  MemoryDriver driver(chip);
  std::vector<std::uint64_t> took;
  for (int i = 0; i < 3; ++i) {
    const Cycles sent = driver.now;
    driver.send(read(sent.count(), 0x1000, 0xf));
    took.push_back((driver.finish().at(0).ready - sent).count());
  }
  EXPECT_EQ(took[1], took[2]);  // both find the row open
  EXPECT_GT(took[1], 2U * 24 + 48 + 2);
}

TEST(MemorySystem, AMemoryThatIsNotRefreshedDoesNotPayForIt) {
  chip::Chip chip = chip::find_chip("isobar-nano");
  chip.dram.t_rfc = Seconds(3e-6);  // long enough that rows of other banks do not hide it
  const std::uint64_t refreshed = cycles_to_read(chip, 20000);
  chip.dram.refresh = false;
  EXPECT_LT(cycles_to_read(chip, 20000), refreshed);
}

}  // namespace
}  // namespace isobar::timing
