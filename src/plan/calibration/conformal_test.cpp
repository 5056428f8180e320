#include "plan/calibration/conformal.h"

#include <gtest/gtest.h>

#include <cmath>

namespace isobar::plan {
namespace {

/// Ratios spread evenly over [from, to].
std::vector<Residual> evenly(double from, double to, std::size_t count, double weight = 1) {
  std::vector<Residual> residuals;
  for (std::size_t i = 0; i < count; ++i)
    residuals.push_back(
        {from + (to - from) * (static_cast<double>(i) + 0.5) / static_cast<double>(count), weight});
  return residuals;
}

TEST(ConformalSpread, HoldsTheShareOfWhatItWasSetOn) {
  const auto spread = conformal_spread(evenly(0.5, 1.5, 1000), 0.8);
  EXPECT_NEAR(spread.low, 0.6, 0.003);
  EXPECT_NEAR(spread.high, 1.4, 0.003);
}

TEST(ConformalSpread, IsWiderWhereFewDrawsTell) {
  // With nine draws each end is the outermost: P(next is beyond) = 1 / 10.
  const auto residuals = evenly(0.5, 1.5, 9);
  const auto spread = conformal_spread(residuals, 0.8);
  EXPECT_EQ(spread.low, residuals.front().ratio);
  EXPECT_EQ(spread.high, residuals.back().ratio);
}

TEST(ConformalSpread, ASourceWithManyRowsWeighsAsItsWeightsSay) {
  // A thousand close rows that weigh as much together as fifty far ones.
  auto residuals = evenly(0.99, 1.01, 1000, 0.05);
  for (const Residual& far : evenly(0.5, 1.5, 50)) residuals.push_back(far);
  const auto spread = conformal_spread(residuals, 0.8);
  EXPECT_LT(spread.low, 0.75);
  EXPECT_GT(spread.high, 1.25);
}

TEST(ConformalSpread, AlwaysHoldsThePredictionItself) {
  const auto slow = conformal_spread(evenly(1.2, 1.6, 100), 0.8);
  EXPECT_EQ(slow.low, 1);
  const auto fast = conformal_spread(evenly(0.5, 0.8, 100), 0.8);
  EXPECT_EQ(fast.high, 1);
}

}  // namespace
}  // namespace isobar::plan
