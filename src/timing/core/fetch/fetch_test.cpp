// Instructions on their way to a core: the cache of lines with who waits for them, and the front
// end of a warp that takes several cycles for each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "timing/core/fetch/fetch_buffer.h"
#include "timing/core/fetch/instruction_fetch.h"

namespace isobar::timing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- the cache of instructions ------------------------------------------------------------------

/// Lines of 64 B of instructions; memory has lines of 128 B with sectors of 32 B.
chip::Chip chip_with(std::uint32_t prefetch) {
  chip::Chip chip;
  chip.icache.size = 1_KiB;
  chip.icache.line = 64_B;
  chip.icache.ways = 4;
  chip.icache.prefetch = prefetch;
  chip.l2.line = 128_B;
  chip.l2.sector = 32_B;
  return chip;
}
constexpr std::uint64_t kText = 0x10000, kLast = kText + std::uint64_t{64} * 8;

std::vector<std::uint64_t> addresses(std::span<const InstructionFetch::Request> requests) {
  std::vector<std::uint64_t> all;
  for (const InstructionFetch::Request& request : requests) all.push_back(request.address);
  return all;
}

TEST(InstructionFetch, AMissAsksForTheSectorsOfItsLineInTheLineOfMemory) {
  InstructionFetch fetch(chip_with(0));
  EXPECT_FALSE(fetch.has(kText + 64));
  const auto requests = fetch.miss(0, kText + 64, kLast);
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].line, kText);
  EXPECT_EQ(requests[0].sectors, 0b1100U);  // the upper half
  EXPECT_EQ(requests[0].address, kText + 64);
}

TEST(InstructionFetch, ALineThatCameIsThere) {
  InstructionFetch fetch(chip_with(0));
  (void)fetch.miss(0, kText, kLast);
  EXPECT_FALSE(fetch.has(kText));
  (void)fetch.arrive(kText);
  EXPECT_TRUE(fetch.has(kText));
  fetch.clear();
  EXPECT_FALSE(fetch.has(kText));
}

TEST(InstructionFetch, WarpsThatWaitForOneLineShareOneRequestAndGoOnInTheirOrder) {
  InstructionFetch fetch(chip_with(0));
  EXPECT_THAT(fetch.miss(5, kText, kLast), SizeIs(1));
  EXPECT_THAT(fetch.miss(2, kText, kLast), IsEmpty());
  EXPECT_EQ(fetch.outstanding(), 1U);
  EXPECT_THAT(fetch.arrive(kText), ElementsAre(5U, 2U));
  EXPECT_EQ(fetch.outstanding(), 0U);
}

TEST(InstructionFetch, LinesBehindAMissAreFetchedAheadUnlessTheyAreHereOrOnTheirWay) {
  InstructionFetch fetch(chip_with(3));
  (void)fetch.miss(0, kText + 64, kText + 64);  // the last line: nothing behind it
  (void)fetch.arrive(kText + 64);
  EXPECT_THAT(addresses(fetch.miss(0, kText, kLast)), ElementsAre(kText, kText + 128, kText + 192));
  EXPECT_THAT(addresses(fetch.miss(1, kText + 192, kLast)),
              ElementsAre(kText + 256, kText + 320, kText + 384));
}

TEST(InstructionFetch, NothingIsFetchedAheadBehindTheProgramsEnd) {
  InstructionFetch fetch(chip_with(3));
  EXPECT_THAT(addresses(fetch.miss(0, kText, kText + 64)), ElementsAre(kText, kText + 64));
}

TEST(InstructionFetch, NobodyWaitsForALineThatWasFetchedAhead) {
  InstructionFetch fetch(chip_with(1));
  (void)fetch.miss(4, kText, kLast);
  EXPECT_THAT(fetch.arrive(kText + 64), IsEmpty());
  EXPECT_THAT(fetch.arrive(kText), ElementsAre(4U));
}

// ---- the front end of a warp --------------------------------------------------------------------

constexpr Cycles kInterval{9};
constexpr std::uint32_t kPlaces = 4;

TEST(FetchBuffer, AnInstructionIsThereAnIntervalAfterTheOneBeforeIt) {
  FetchBuffer buffer;
  buffer.restart(Cycles(100));
  EXPECT_EQ(buffer.issue(Cycles(100), kInterval, kPlaces), Cycles(109));
  EXPECT_EQ(buffer.issue(Cycles(109), kInterval, kPlaces), Cycles(118));
}

TEST(FetchBuffer, FetchingGoesOnWhileTheWarpWaitsUntilTheBufferIsFull) {
  FetchBuffer buffer;
  buffer.restart(Cycles(0));
  Cycles there;
  // The first one waits for long: behind it are as many as the buffer has places.
  for (std::uint32_t i = 0; i < kPlaces - 1; ++i) {
    there = buffer.issue(Cycles(1000 + i), kInterval, kPlaces);
    EXPECT_EQ(there, (i + 1) * kInterval) << "was fetched long ago";
  }
  // This one's place was free only when the first one issued.
  EXPECT_EQ(buffer.issue(Cycles(1003), kInterval, kPlaces), Cycles(1000) + kInterval);
}

TEST(FetchBuffer, ABranchDropsWhatWasFetched) {
  FetchBuffer buffer;
  buffer.restart(Cycles(0));
  (void)buffer.issue(Cycles(500), kInterval, kPlaces);
  buffer.restart(Cycles(512));
  EXPECT_EQ(buffer.issue(Cycles(512), kInterval, kPlaces), Cycles(512) + kInterval);
}

}  // namespace
}  // namespace isobar::timing
