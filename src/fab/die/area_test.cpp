// The area model against published die sizes.
#include "fab/die/area.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fab/die/area_fit.h"

namespace isobar::fab {
namespace {

using ::testing::HasSubstr;

std::vector<PublishedDie> complete_dies() {
  std::vector<PublishedDie> dies = published_dies(default_constants());
  std::erase_if(dies, [](const PublishedDie& die) { return !die.complete; });
  return dies;
}
double mean_error(const std::vector<PublishedDie>& dies, const std::vector<double>& areas) {
  double sum = 0;
  for (std::size_t i = 0; i < dies.size(); ++i)
    sum += std::abs(areas[i] / (*dies[i].sheet.die.area).count() - 1);
  return sum / static_cast<double>(dies.size());
}

TEST(Area, OfPublishedDiesIsWithinTenPerCentOnAverage) {
  const std::vector<PublishedDie> dies = complete_dies();
  EXPECT_GE(dies.size(), 14U);
  std::vector<double> areas;
  for (const PublishedDie& die : dies) areas.push_back(estimated_area(die, default_constants()));
  EXPECT_LE(mean_error(dies, areas), 0.10);
}

TEST(Area, OfADieThatTheFitHasNotSeenIsWithinFifteenPerCentOnAverage) {
  const std::vector<PublishedDie> dies = complete_dies();
  EXPECT_LE(mean_error(dies, predicted_unseen(dies, default_constants())), 0.15);
}

TEST(Area, HasTheFittedConstantsThatItsFileSaysItHas) {
  const FittedConstants fitted = fit_area(complete_dies(), default_constants());
  const FittedConstants written = fitted_of(default_constants().area);
  for (std::size_t i = 0; i < fitted.size(); ++i)
    EXPECT_NEAR(written[i] / fitted[i], 1, 0.01) << "constant " << i << ": " << fitted[i];
}

TEST(Area, IsTheSumOfItsBlocksAndNoBlockIsNegative) {
  for (const PublishedDie& die : published_dies(default_constants())) {
    const chip::Floorplan& plan = die.sheet.floorplan;
    const AreaEstimate area = estimate_area(
        plan, *default_constants().node(*die.sheet.process.node),
        *default_constants().interface(*plan.memory_interface), default_constants().area);
    const double sum = std::accumulate(area.blocks.begin(), area.blocks.end(), 0.0,
                                       [](double a, const AreaBlock& b) { return a + b.mm2; });
    EXPECT_NEAR(sum, area.total, 1e-9 * area.total);
    for (const AreaBlock& block : area.blocks) EXPECT_GE(block.mm2, 0) << block.name;
    EXPECT_LT(area.cores * *plan.cores, area.total);
  }
}

TEST(Area, ShrinksWithTheNodeButItsPhysDoNot) {
  const chip::Datasheet h100 = chip::find_datasheet("h100");
  const auto on = [&](const char* node) {
    return estimate_area(h100.floorplan, *default_constants().node(node),
                         *default_constants().interface("HBM3"), default_constants().area);
  };
  const AreaEstimate n7 = on("N7"), n5 = on("N5");
  EXPECT_LT(n5.total, n7.total);
  const auto block = [](const AreaEstimate& area, std::string_view name) {
    return std::ranges::find(area.blocks, name, &AreaBlock::name)->mm2;
  };
  EXPECT_EQ(block(n5, "DRAM PHYs"), block(n7, "DRAM PHYs"));
  EXPECT_LT(block(n5, "matrix units"), block(n7, "matrix units"));
}

TEST(Area, NamesWhatItWouldNeed) {
  chip::Datasheet sheet = chip::find_datasheet("h100");
  sheet.floorplan.cores = {};
  sheet.process.node.value = "N99";
  const std::string missing = missing_for_area(sheet, default_constants());
  EXPECT_THAT(missing, HasSubstr("floorplan.cores"));
  EXPECT_THAT(missing, HasSubstr("N99"));
  EXPECT_THAT(missing, HasSubstr("12FFN"));
}

}  // namespace
}  // namespace isobar::fab
