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

}  // namespace
}  // namespace isobar::timing
