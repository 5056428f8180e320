// Rooflines of kernels small enough to do by hand.
#include "ledger/roofline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace isobar::ledger {
namespace {

constexpr Roofs kRoofs{2e12, 1e12, 5e11, 1e11};  // the ridge of single precision: 10 FLOP/B

TEST(Roofline, AKernelLeftOfTheRidgeIsUnderTheMemoryRoof) {
  const RooflinePoint point{"stream", 0, 2'000'000, 0, 1'000'000, 20e-6};
  EXPECT_DOUBLE_EQ(point.intensity(), 2);
  EXPECT_DOUBLE_EQ(point.roof(kRoofs), 2e11);
  EXPECT_TRUE(point.is_under_memory_roof(kRoofs));
  EXPECT_DOUBLE_EQ(point.flops_per_second(), 1e11);
  EXPECT_DOUBLE_EQ(point.reached(kRoofs), 0.5) << "50 GB/s of 100";
}

TEST(Roofline, AKernelRightOfItIsUnderThePeakOfItsMixOfPrecisions) {
  // Half its time at peak in half, half in double precision.
  const RooflinePoint point{"mixed", 4'000'000, 0, 1'000'000, 1000, 8e-6};
  EXPECT_DOUBLE_EQ(point.arithmetic_roof(kRoofs), 5e6 / (2e-6 + 2e-6));
  EXPECT_FALSE(point.is_under_memory_roof(kRoofs));
  EXPECT_DOUBLE_EQ(point.reached(kRoofs), 0.5);
}

TEST(Roofline, KernelsWithoutFlopsOrWithoutTrafficHaveAPlaceToo) {
  const RooflinePoint copy{"copy", 0, 0, 0, 1'000'000, 10e-6};
  EXPECT_TRUE(copy.is_under_memory_roof(kRoofs));
  EXPECT_DOUBLE_EQ(copy.reached(kRoofs), 1);
  const RooflinePoint cached{"cached", 0, 1'000'000, 0, 0, 2e-6};
  EXPECT_TRUE(std::isinf(cached.intensity()));
  EXPECT_DOUBLE_EQ(cached.roof(kRoofs), 1e12);
  EXPECT_DOUBLE_EQ(cached.reached(kRoofs), 0.5);
}

}  // namespace
}  // namespace isobar::ledger
