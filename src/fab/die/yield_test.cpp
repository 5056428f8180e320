// Yield and dies per wafer against closed forms worked out by hand, and against defects thrown at
// random onto dies.
#include "fab/die/yield.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "fab/die/cost.h"

namespace isobar::fab {
namespace {

WaferConstants usual_wafer() {
  WaferConstants wafer;
  wafer.diameter.value = 300;
  wafer.edge.value = 3;
  wafer.scribe.value = 0.1;
  wafer.reticle.value = 858;
  wafer.clustering.value = 3;
  return wafer;
}

TEST(Yield, OfOneDefectPerDieIsWhatTheClosedFormsSay) {
  // 1000 mm2 at 0.1 per cm2: one defect expected. 1/e; (1 - 1/e)^2; (4/3)^-3.
  EXPECT_NEAR(poisson_yield(1000, 0.1), 0.36787944, 1e-8);
  EXPECT_NEAR(murphy_yield(1000, 0.1), 0.39957640, 1e-8);
  EXPECT_NEAR(negative_binomial_yield(1000, 0.1, 3), 0.421875, 1e-12);
}

TEST(Yield, OfACleanProcessIsOneAndPoissonIsTheLimitOfNoClustering) {
  for (const double area : {0.0, 1.0, 800.0}) {
    EXPECT_DOUBLE_EQ(poisson_yield(area, 0), 1);
    EXPECT_DOUBLE_EQ(murphy_yield(area, 0), 1);
    EXPECT_DOUBLE_EQ(negative_binomial_yield(area, 0, 3), 1);
  }
  EXPECT_NEAR(negative_binomial_yield(800, 0.1, 1e7), poisson_yield(800, 0.1), 1e-6);
  EXPECT_NEAR(murphy_yield(1e-3, 0.1), 1 - 1e-6, 1e-12);
}

TEST(HarvestedYield, WithoutSpareCoresIsTheNegativeBinomial) {
  const HarvestedDie all{.core_area = 4, .other_area = 200, .cores = 100, .needed = 100};
  EXPECT_NEAR(harvested_yield(all, 0.1, 3), negative_binomial_yield(600, 0.1, 3), 1e-12);
}

TEST(HarvestedYield, WhereEveryCoreMayFailIsThatOfTheRest) {
  const HarvestedDie die{.core_area = 4, .other_area = 200, .cores = 100, .needed = 0};
  for (const double alpha : {0.5, 1.0, 3.0, 10.0})
    EXPECT_NEAR(harvested_yield(die, 0.1, alpha), negative_binomial_yield(200, 0.1, alpha), 2e-5)
        << alpha;
}

TEST(HarvestedYield, OfTwoCoresIsTheSumOfItsCases) {
  // At least one of two cores of 100 mm2 works: 2 Y(1) - Y(2), with the rest always.
  const HarvestedDie die{.core_area = 100, .other_area = 300, .cores = 2, .needed = 1};
  const double closed =
      2 * negative_binomial_yield(400, 0.2, 3) - negative_binomial_yield(500, 0.2, 3);
  EXPECT_NEAR(harvested_yield(die, 0.2, 3), closed, 1e-5);
}

TEST(HarvestedYield, IsThatOfDefectsThrownAtRandom) {
  // H100's shape: 144 cores of which 132 are sold. The density of each die's neighbourhood comes
  // from a gamma distribution, its defects from a Poisson, their places are uniform.
  const HarvestedDie die{.core_area = 3.5, .other_area = 310, .cores = 144, .needed = 132};
  constexpr double kDefects = 0.2, kAlpha = 3;
  constexpr int kDies = 200'000;
  std::mt19937_64 random(20230521);
  std::gamma_distribution<double> density(kAlpha, kDefects / kAlpha);
  const double area = die.core_area * die.cores + die.other_area;
  std::uniform_real_distribution<double> place(0, area);
  int working = 0;
  for (int i = 0; i < kDies; ++i) {
    std::poisson_distribution<int> defects(area / 100 * density(random));
    std::vector<bool> hit(die.cores);
    unsigned broken = 0;
    bool rest = true;
    for (int left = defects(random); left > 0; --left) {
      const double where = place(random);
      if (where >= die.core_area * die.cores) {
        rest = false;
        continue;
      }
      auto core = hit[static_cast<std::size_t>(where / die.core_area)];
      broken += core ? 0 : 1;
      core = true;
    }
    working += rest && broken <= die.cores - die.needed ? 1 : 0;
  }
  const double share = static_cast<double>(working) / kDies;
  const double sigma = std::sqrt(share * (1 - share) / kDies);
  EXPECT_NEAR(harvested_yield(die, kDefects, kAlpha), share, 4 * sigma);
}

TEST(DiesPerWafer, OfTheClosedFormAreAsManyAsFitWhenCounted) {
  // The closed form is known to be good to a few per cent; large dies, whose count moves in steps,
  // are the hard case.
  for (const double side : {5.0, 10.0, 15.0, 20.0, 28.5}) {
    const double formula = dies_per_wafer(side, side, usual_wafer());
    const auto counted = static_cast<double>(counted_dies(side, side, usual_wafer()));
    const double tolerance = side < 20 ? 0.05 : 0.12;
    EXPECT_NEAR(formula / counted, 1, tolerance) << side << " mm, " << counted;
  }
}

TEST(DiesPerWafer, OfOneCentimetreAreWhatTheFormulaSaysByHand) {
  // 294 mm usable, 10.1 mm pitch: 67886.8 / 102.01 - pi 294 / sqrt(204.02).
  EXPECT_NEAR(dies_per_wafer(10, 10, usual_wafer()), 665.491 - 64.664, 0.01);
}

TEST(DiesPerWafer, FallWithTheDieAndEndAtZero) {
  double before = 1e9;
  for (int side = 1; side < 300; ++side) {
    const double now = dies_per_wafer(side, side, usual_wafer());
    EXPECT_LE(now, before);
    EXPECT_GE(now, 0);
    before = now;
  }
  EXPECT_EQ(counted_dies(295, 295, usual_wafer()), 0U);
  EXPECT_EQ(counted_dies(200, 200, usual_wafer()), 1U);
}

TEST(Reticle, HoldsH100AndNoLargerDieThanItsField) {
  EXPECT_TRUE(fits_reticle(814, usual_wafer()));
  EXPECT_TRUE(fits_reticle(858, usual_wafer()));
  EXPECT_FALSE(fits_reticle(858.1, usual_wafer()));
}

Constants simple_costs() {
  Constants c;
  c.wafer = usual_wafer();
  c.wafer.test.value = 0;
  c.wafer.coverage.value = 1;
  c.package.bonding.value = 1;
  return c;
}
ProcessNode node_of(double wafer, double defects) {
  ProcessNode node;
  node.wafer_price.value = wafer;
  node.defects.value = defects;
  return node;
}

TEST(Cost, OfADieIsTheWaferOverItsGoodDies) {
  const ProcessNode node = node_of(10'000, 0.1);
  const DieCost cost = die_cost({.area = 100, .node = &node}, usual_wafer());
  EXPECT_NEAR(cost.good, 10'000 / (600.827 * std::pow(1 + 0.1 / 3, -3)), 0.01);
}

TEST(Cost, OfFourChipletsIsBelowThatOfOneDieOfTheirAreaUntilBondingEatsIt) {
  const ProcessNode node = node_of(17'000, 0.2);
  Constants constants = simple_costs();
  PackageDesign one{.compute = {.area = 800, .count = 1, .node = &node}};
  PackageDesign four{.compute = {.area = 200, .count = 4, .node = &node}};
  EXPECT_LT(package_cost(four, constants).total(), package_cost(one, constants).total());
  constants.package.bonding.value = 0.7;
  EXPECT_GT(package_cost(four, constants).total(), package_cost(one, constants).total());
}

TEST(Cost, OfBondingIsWhatTheLostPackagesHeld) {
  const ProcessNode node = node_of(10'000, 0.1);
  Constants constants = simple_costs();
  constants.package.bonding.value = 0.9;
  constants.package.assembly.value = 10;
  const PackageDesign design{.compute = {.area = 100, .count = 2, .node = &node},
                             .stacks = 1,
                             .memory_gb = 16,
                             .memory_price = 10};
  const PackageCost cost = package_cost(design, constants);
  EXPECT_NEAR(cost.yield, 0.9 * 0.9 * 0.9, 1e-12);
  EXPECT_NEAR(cost.total(), (cost.silicon + 160 + 10) / 0.729, 1e-9);
}

TEST(Cost, OfMasksAndDesignIsSpreadOverTheVolume) {
  ProcessNode node = node_of(10'000, 0.1);
  node.masks.value = 10e6;
  node.design.value = 90e6;
  PackageDesign design{.compute = {.area = 100, .count = 1, .node = &node}};
  for (const double volume : {1.0, 1000.0, 1e6}) {
    design.volume = volume;
    EXPECT_NEAR(package_cost(design, simple_costs()).once, 100e6 / volume, 1e-6);
  }
}

}  // namespace
}  // namespace isobar::fab
