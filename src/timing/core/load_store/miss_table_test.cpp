// The book of requests on their way.
#include "timing/core/load_store/miss_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace isobar::timing {
namespace {

std::vector<std::uint32_t> waiters(MissTable& table, std::uint32_t number) {
  std::vector<std::uint32_t> all;
  table.for_each_waiter(number,
                        [&](const MissTable::Waiter& each) { all.push_back(each.pending); });
  return all;
}

TEST(MissTable, NumbersBeginAtOneSoThatZeroMeansNone) {
  MissTable table;
  EXPECT_EQ(table.open(0x80, 1, RequestKind::kRead, Cycles(5)), 1U);
  EXPECT_EQ(table.open(0x100, 2, RequestKind::kWrite, Cycles(6)), 2U);
  EXPECT_EQ(table[1].line, 0x80U);
  EXPECT_EQ(table[2].kind, RequestKind::kWrite);
  EXPECT_EQ(table.open_misses(), 2U);
}

TEST(MissTable, WaitersComeOutInTheOrderInWhichTheyCame) {
  MissTable table;
  const std::uint32_t one = table.open(0, 1, RequestKind::kRead, Cycles(0));
  const std::uint32_t other = table.open(128, 1, RequestKind::kRead, Cycles(0));
  table.add_waiter(one, 7, Cycles(0));
  table.add_waiter(other, 8, Cycles(0));  // lists of two requests do not mix
  table.add_waiter(one, 3, Cycles(0));
  table.add_waiter(one, 5, Cycles(0));
  EXPECT_EQ(table[one].waiters, 3U);
  EXPECT_THAT(waiters(table, one), testing::ElementsAre(7U, 3U, 5U));
  EXPECT_THAT(waiters(table, other), testing::ElementsAre(8U));
}

TEST(MissTable, ANumberIsTakenUpAgainWithNothingLeftOfItsFormerOwner) {
  MissTable table;
  const std::uint32_t first = table.open(0, 1, RequestKind::kRead, Cycles(0));
  table.add_waiter(first, 9, Cycles(0));
  table[first].stored = true;
  (void)waiters(table, first);
  table.close(first);
  EXPECT_EQ(table.open_misses(), 0U);
  EXPECT_FALSE(table[first].in_use);
  EXPECT_EQ(table.open(128, 2, RequestKind::kRead, Cycles(3)), first);
  EXPECT_FALSE(table[first].stored);
  EXPECT_EQ(table[first].waiters, 0U);
  EXPECT_THAT(waiters(table, first), testing::IsEmpty());
}

TEST(MissTable, AWaiterMayBeAddedToAnotherRequestWhileTheFirstOnesComeOut) {
  MissTable table;
  const std::uint32_t one = table.open(0, 1, RequestKind::kRead, Cycles(0));
  for (std::uint32_t pending = 0; pending < 3; ++pending) table.add_waiter(one, pending, Cycles(0));
  std::vector<std::uint32_t> seen;
  const std::uint32_t other = table.open(128, 1, RequestKind::kRead, Cycles(0));
  table.for_each_waiter(one, [&](const MissTable::Waiter& each) {
    seen.push_back(each.pending);
    table.add_waiter(other, 10 + each.pending, Cycles(0));
  });
  EXPECT_THAT(seen, testing::ElementsAre(0U, 1U, 2U));
  EXPECT_THAT(waiters(table, other), testing::ElementsAre(10U, 11U, 12U));
}

}  // namespace
}  // namespace isobar::timing
