// Money and energy against published sums.
#include "plan/cost.h"

#include <gmock/gmock.h>

namespace isobar::plan {
namespace {

TEST(Cost, DeepSeekV3sPreTrainingCostsItsPublishedSum) {
  // DeepSeek-V3, 2024, section 1 and table 1: 3.7 days per trillion tokens on 2,048 H800, 14.8
  // trillion tokens, 2.664 M hours, 5.328 M dollars at 2 dollars an hour.
  const RunCost cost =
      run_cost(Seconds(3.7 * 14.8 * 86400), 2048, 14.8e12, PowerDraw{}, Prices{.chip_hour = 2});
  EXPECT_NEAR(cost.chip_hours, 2.664e6, 0.02 * 2.664e6);  // 3.7 is rounded
  EXPECT_NEAR(cost.total(), 5.328e6, 0.02 * 5.328e6);
  EXPECT_NEAR(cost.tokens_per_unit, 14.8e12 / 5.328e6, 0.02 * 14.8e12 / 5.328e6);
  EXPECT_EQ(cost.megawatt_hours, 0);  // no power was given
}

TEST(Cost, EnergyIsTheChipsTheirHostsAndTheBuildings) {
  const PowerDraw draw{.chip = Watts(1000), .load = 0.7, .host = Watts(300), .overhead = 1.5};
  const RunCost cost = run_cost(Seconds(3600), 1000, 3.6e9, draw, Prices{.kilowatt_hour = 0.1});
  EXPECT_DOUBLE_EQ(cost.megawatt_hours, 1.5);
  EXPECT_DOUBLE_EQ(cost.electricity, 150);
  EXPECT_DOUBLE_EQ(cost.joules_per_token, 1.5);
  EXPECT_DOUBLE_EQ(cost.tokens_per_unit, 3.6e9 / 150);
}

}  // namespace
}  // namespace isobar::plan
