// What keeps an instruction from its pipe or a result from its register: floating-point pipes that
// hold so many, and the wheel on which warps wait.
#include <gtest/gtest.h>

#include "timing/core/float_pipes.h"
#include "timing/core/wake_wheel.h"

namespace isobar::timing {
namespace {

FloatPipes pipes(std::uint32_t in_flight, std::uint32_t queue) {
  FloatPipes made;
  made.configure(in_flight, queue);
  return made;
}

TEST(FloatPipes, HoldNoMoreThanTheyHavePlacesFor) {
  FloatPipes two = pipes(2, 0);
  EXPECT_EQ(two.enter(Cycles(10), Cycles(12)), Cycles(10));
  EXPECT_EQ(two.room(), Cycles(0)) << "the second place";
  EXPECT_EQ(two.enter(Cycles(11), Cycles(12)), Cycles(11));
  EXPECT_EQ(two.room(), Cycles(22)) << "when the first one is through";
}

TEST(FloatPipes, AQueueInFrontOfThemLetsOthersIssueMeanwhile) {
  FloatPipes one = pipes(1, 2);
  EXPECT_EQ(one.enter(Cycles(10), Cycles(12)), Cycles(10));
  EXPECT_EQ(one.enter(Cycles(11), Cycles(12)), Cycles(22)) << "waits in the queue";
  EXPECT_EQ(one.room(), Cycles(10)) << "the queue has another place";
  EXPECT_EQ(one.enter(Cycles(12), Cycles(12)), Cycles(34));
  EXPECT_EQ(one.room(), Cycles(22)) << "it is full until the first that waits leaves it";
}

TEST(FloatPipes, AResultThatWaitsToBeWrittenKeepsItsPlace) {
  FloatPipes one = pipes(1, 0);
  (void)one.enter(Cycles(10), Cycles(12));
  one.delay_last(Cycles(3));
  EXPECT_EQ(one.room(), Cycles(25));
}

TEST(FloatPipes, HaveNoLimitWhereNoneIsGiven) {
  EXPECT_FALSE(pipes(0, 4).has_limit());
  EXPECT_TRUE(pipes(1, 0).has_limit());
}

TEST(WakeWheel, WakesAWarpInItsCycleAndNotOneBefore) {
  WakeWheel wheel;
  wheel.add(3, Cycles(10));
  EXPECT_EQ(wheel.next(), Cycles(10));
  EXPECT_EQ(wheel.take(Cycles(9)), 0U);
  EXPECT_EQ(wheel.take(Cycles(10)), std::uint64_t{1} << 3U);
  EXPECT_EQ(wheel.next(), WakeWheel::kNever);
}

TEST(WakeWheel, KeepsThoseThatWaitLongerThanATurn) {
  WakeWheel wheel;
  wheel.add(1, Cycles(5));
  wheel.add(2, Cycles(5 + 64));  // the same place of the next turn
  wheel.add(3, Cycles(1'000'000));
  EXPECT_EQ(wheel.take(Cycles(5)), std::uint64_t{1} << 1U);
  EXPECT_EQ(wheel.next(), Cycles(69));
  EXPECT_EQ(wheel.take(Cycles(69)), std::uint64_t{1} << 2U);
  EXPECT_EQ(wheel.take(Cycles(999'999)), 0U);
  EXPECT_EQ(wheel.take(Cycles(1'000'000)), std::uint64_t{1} << 3U);
}

TEST(WakeWheel, TakesAllThatWereDueSinceItWasAskedLast) {
  WakeWheel wheel;
  for (unsigned warp = 0; warp < 64; ++warp) wheel.add(warp, Cycles(100 + warp * 3));
  EXPECT_EQ(wheel.take(Cycles(100 + 31 * 3)), (std::uint64_t{1} << 32U) - 1);
  EXPECT_EQ(wheel.take(Cycles(10'000)), ~std::uint64_t{0} << 32U);
}

TEST(WakeWheel, WakesAtOnceWhatWasAddedForACycleThatIsOver) {
  WakeWheel wheel;
  EXPECT_EQ(wheel.take(Cycles(50)), 0U);
  wheel.add(7, Cycles(20));
  EXPECT_EQ(wheel.next(), Cycles(20));
  EXPECT_EQ(wheel.take(Cycles(51)), std::uint64_t{1} << 7U);
}

}  // namespace
}  // namespace isobar::timing
