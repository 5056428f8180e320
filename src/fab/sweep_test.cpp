// Runs alone and, as a second test, under the MPI launcher with four ranks.
#include "fab/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"

namespace isobar::fab {
namespace {

const Ranks& ranks() {
  static const Ranks job;
  return job;
}
SweepResult swept(std::size_t count, const SweepLimits& limits, const Ranks& on = Ranks::alone()) {
  return run_sweep(count, limits, default_constants(), *roofline_judge(), on);
}
bool beats(const Judged& a, const Judged& b) {
  return a.cost <= b.cost && a.useful() >= b.useful() &&
         (a.cost < b.cost || a.useful() > b.useful());
}

TEST(Sweep, HasTheSameResultOnAnyNumberOfRanks) {
  const SweepResult here = swept(2000, {});
  const SweepResult together = swept(2000, {}, ranks());
  if (!ranks().is_first()) return;
  ASSERT_EQ(together.all.size(), here.all.size());
  for (std::size_t i = 0; i < here.all.size(); ++i) {
    EXPECT_EQ(together.all[i].cost, here.all[i].cost);
    EXPECT_EQ(together.all[i].mfu, here.all[i].mfu);
  }
  ASSERT_EQ(together.front.size(), here.front.size());
  for (std::size_t i = 0; i < here.front.size(); ++i) {
    EXPECT_EQ(together.front[i].cost, here.front[i].cost);
    EXPECT_EQ(together.front[i].useful(), here.front[i].useful());
    EXPECT_EQ(together.front[i].design.node, here.front[i].design.node);
  }
  EXPECT_EQ(together.too_large, here.too_large);
}

TEST(Front, HoldsExactlyTheDesignsThatNoOtherBeats) {
  const SweepResult result = swept(1500, {});
  std::set<double> costs;
  for (const Judged& j : result.front) costs.insert(j.cost);
  for (const Judged& j : result.all) {
    const bool beaten =
        std::ranges::any_of(result.all, [&](const Judged& other) { return beats(other, j); });
    EXPECT_EQ(!beaten, costs.contains(j.cost));
  }
}

TEST(Limits, AreKeptAndCountWhatTheyRefuse) {
  const SweepLimits limits{
      .area = 500, .power = 600, .cost = 1500, .export_line = ExportLine::k3A090a};
  const SweepResult result = swept(3000, limits);
  EXPECT_FALSE(result.all.empty());
  for (const Judged& j : result.all) {
    EXPECT_LE(j.area, 500);
    EXPECT_LE(j.power, 600);
    EXPECT_LE(j.cost, 1500);
    EXPECT_NE(j.chip_class, "3A090.a");
  }
  EXPECT_GT(result.over_the_line, 0U);
  EXPECT_EQ(result.all.size() + result.too_large + result.too_hot + result.too_dear +
                result.over_the_line,
            result.designs);
}

TEST(Limits, ThatNothingMeetsLeaveAnEmptyFront) {
  const SweepResult result = swept(100, {.cost = 1});
  EXPECT_TRUE(result.front.empty());
  EXPECT_THROW((void)swept(100, {.node = "N99"}), UserError);
}

TEST(Judge, GivesNoDesignMoreThanItsPeakAndMoreBandwidthNeverHurts) {
  const auto judge = roofline_judge();
  for (Design design : design_grid(500, "", default_constants())) {
    const double mfu = judge->mfu(design);
    EXPECT_GT(mfu, 0);
    EXPECT_LE(mfu, 1);
    design.stacks *= 2;
    EXPECT_GE(judge->mfu(design), mfu);
  }
}

TEST(Power, OfTheA100sShapeIsItsDataSheets) {
  const Design a100{
      .cores = 115, .matrix_fp16 = 1024, .stacks = 2, .clock_ghz = 1.41, .node = "N7"};
  EXPECT_NEAR(a100.peak(), 312e12, 0.01 * 312e12);
  EXPECT_NEAR(power_of(a100, default_constants()), 400, 20);
}

}  // namespace
}  // namespace isobar::fab
