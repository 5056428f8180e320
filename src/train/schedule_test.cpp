// The schedule against its closed form at the points where that is a round number.
#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace isobar::train {
namespace {

model::Recipe recipe() {
  model::Recipe r;
  r.learning_rate = 1e-3F;
  r.min_learning_rate = 1e-4F;
  r.warmup_steps = 100;
  r.decay_steps = 2100;
  return r;
}

TEST(Schedule, WarmsUpLinearlyFromJustAboveZero) {
  EXPECT_FLOAT_EQ(learning_rate_at(recipe(), 0), 1e-3F / 101);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe(), 49), 1e-3F * 50 / 101);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe(), 99), 1e-3F * 100 / 101);
}

TEST(Schedule, FallsAsACosineFromTheWarmUpsEnd) {
  EXPECT_FLOAT_EQ(learning_rate_at(recipe(), 100), 1e-3F);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe(), 1100), 5.5e-4F);  // cos(pi / 2) = 0
  const double third = 1e-4 + 0.75 * 9e-4;                     // cos(pi / 3) = 1/2
  EXPECT_NEAR(learning_rate_at(recipe(), 100 + 2000 / 3), third, 1e-6);
  for (std::uint64_t step = 100; step < 2200; ++step)
    EXPECT_LE(learning_rate_at(recipe(), step + 1), learning_rate_at(recipe(), step)) << step;
}

TEST(Schedule, StaysAtTheMinimumAfterTheDecay) {
  EXPECT_EQ(learning_rate_at(recipe(), 2100), 1e-4F);
  EXPECT_EQ(learning_rate_at(recipe(), 1'000'000'000), 1e-4F);
}

TEST(Schedule, HasNoDivisionByZeroWithoutWarmUpOrDecay) {
  model::Recipe r = recipe();
  r.warmup_steps = 0;
  EXPECT_FLOAT_EQ(learning_rate_at(r, 0), 1e-3F);
  r.warmup_steps = r.decay_steps = 7;
  EXPECT_FLOAT_EQ(learning_rate_at(r, 6), 1e-3F * 7 / 8);
  EXPECT_EQ(learning_rate_at(r, 7), 1e-4F);
}

TEST(Schedule, FollowsANumberOfStepsAndALearningRate) {
  const model::Recipe shorter = with_steps(recipe(), 20);
  EXPECT_EQ(shorter.decay_steps, 20U);
  EXPECT_EQ(shorter.warmup_steps, 4U);
  EXPECT_EQ(with_steps(recipe(), 2000).warmup_steps, 100U);
  EXPECT_FLOAT_EQ(with_learning_rate(recipe(), 0.5F).min_learning_rate, 0.05F);
}

}  // namespace
}  // namespace isobar::train
