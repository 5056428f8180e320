#include "device/work_group.h"

#include <gtest/gtest.h>

#include <vector>

namespace isobar::device {
namespace {

using Sizes = std::array<std::uint64_t, 3>;

Sizes choose(const std::vector<std::uint64_t>& global, bool must_divide = true,
             std::uint64_t warp = 32) {
  return choose_local_size(global, {warp, 1024, 4, must_divide});
}

TEST(WorkGroup, LargeRangesGetWholeWarps) {
  EXPECT_EQ(choose({1 << 20}), (Sizes{256, 1, 1}));
  EXPECT_EQ(choose({1920, 1080}), (Sizes{192, 1, 1}));
}

TEST(WorkGroup, SmallRangesAreSpreadOverTheCores) {
  EXPECT_EQ(choose({128}), (Sizes{32, 1, 1}));
  EXPECT_EQ(choose({512}), (Sizes{128, 1, 1}));
}

TEST(WorkGroup, APrimeRangeIsDividedOnlyWhereItMust) {
  EXPECT_EQ(choose({10007}), (Sizes{1, 1, 1}));
  EXPECT_EQ(choose({10007}, false), (Sizes{256, 1, 1}));
}

TEST(WorkGroup, AlwaysDividesAndFits) {
  for (std::uint64_t x = 1; x < 700; x += 7) {
    for (std::uint64_t y = 1; y < 70; y += 3) {
      for (const std::uint64_t warp : {1ULL, 32ULL, 64ULL}) {
        const Sizes local = choose({x, y, 3}, true, warp);
        EXPECT_EQ(x % local[0] + y % local[1] + 3 % local[2], 0U) << x << " " << y;
        EXPECT_LE(local[0] * local[1] * local[2], 256U) << x << " " << y;
      }
    }
  }
}

TEST(WorkGroup, EmptyRangesDoNotDivideByZero) { EXPECT_EQ(choose({0}), (Sizes{1, 1, 1})); }

}  // namespace
}  // namespace isobar::device
