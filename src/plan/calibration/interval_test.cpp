// Intervals are as wide as what was calibrated allows: never narrower where fewer runs are alike.
#include "plan/calibration/interval.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/file/file.h"
#include "model/file/transformer_file.h"
#include "plan/calibration/validate.h"
#include "plan/plan.h"

namespace isobar::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Layout layout_of(std::uint32_t chips, Precision precision = Precision::kBf16) {
  Layout layout;
  layout.data = chips;
  layout.precision = precision;
  return layout;
}

Interval interval_for(const char* model, const char* chip, const Layout& layout) {
  return interval_of(calibrated_coefficients(), model::find_transformer(model).shape,
                     figures_of(chip::find_datasheet(chip)), layout);
}

TEST(Interval, IsItsClasssWhereRunsLikeItWereFitted) {
  const Interval interval = interval_for("llama-3-8b", "h100", layout_of(64));
  EXPECT_THAT(interval.beyond, IsEmpty());
  EXPECT_THAT(interval.warnings, IsEmpty());
  const auto spread = calibrated_coefficients().spread.at(1);
  EXPECT_DOUBLE_EQ(interval.low, spread.low);
  EXPECT_DOUBLE_EQ(interval.high, spread.high);
}

TEST(Interval, SaysInWhichWayNoRunIsLikeIt) {
  EXPECT_THAT(interval_for("llama-3-8b", "mi300x", layout_of(64)).beyond,
              ElementsAre(Beyond::kGeneration));
  EXPECT_THAT(interval_for("llama-3-8b", "h20", layout_of(64)).beyond, ElementsAre(Beyond::kChip));
  EXPECT_THAT(interval_for("mixtral-8x7b", "a100-80gb", layout_of(64)).beyond,
              ElementsAre(Beyond::kClass));
  EXPECT_THAT(interval_for("llama-3-8b", "h100", layout_of(65536)).beyond,
              ElementsAre(Beyond::kScale));
  EXPECT_THAT(interval_for("llama-3-8b", "mi300x", layout_of(64)).warnings.front(),
              HasSubstr("no published run on mi300x"));
}

TEST(Interval, IsNeverNarrowerThanThatOfRunsLikeIt) {
  for (const char* model : {"llama-3-8b", "mixtral-8x7b"})
    for (const std::uint32_t chips : {8U, 64U, 100000U}) {
      const Interval known = interval_for(model, "h100", layout_of(64));
      for (const char* chip : {"h100", "h20", "mi300x", "ascend-910c", "tpu-v5p"}) {
        const Interval interval = interval_for(model, chip, layout_of(chips));
        EXPECT_EQ(interval.warnings.empty(), interval.beyond.empty());
        if (chips == 8) continue;  // another class
        EXPECT_LE(interval.low, known.low) << model << chip << chips;
        EXPECT_GE(interval.high, known.high) << model << chip << chips;
        // On a generation that nobody fitted, defaults miss by more than any class's interval.
        if (std::ranges::count(interval.beyond, Beyond::kGeneration) > 0) {
          EXPECT_GT(interval.high / interval.low, known.high / known.low) << model << chip << chips;
        }
      }
    }
}

TEST(Interval, ErrorsOfSeveralKindsAddBySquares) {
  const auto both = widened({0.9, 1.1}, {{0.5, 2}, {0.5, 2}});
  const double own = std::log(1.1) * std::log(1.1);
  EXPECT_NEAR(std::log(both.high), std::sqrt(2 * std::log(2) * std::log(2) - own), 1e-12);
  const auto narrower = widened({0.5, 2}, {{0.9, 1.1}});
  EXPECT_NEAR(narrower.low, 0.5, 1e-12);
  EXPECT_NEAR(narrower.high, 2, 1e-12);
}

TEST(Interval, OfCoefficientsThatSayNotWhatTheyAreFittedToIsWide) {
  const Interval interval = interval_of(Coefficients{}, model::find_transformer("llama-3-8b").shape,
                                        figures_of(chip::find_datasheet("h100")), layout_of(64));
  EXPECT_THAT(interval.beyond, ElementsAre(Beyond::kGeneration));
}

TEST(Interval, AnInventedChipIsNoneOfTheGenerationWhoseNameItBeginsWith) {
  chip::Datasheet sheet = chip::find_datasheet("h100");
  for (const auto& [name, generation] :
       {std::pair{"h100", Generation::kHopper}, std::pair{"h100-pcie", Generation::kHopper},
        std::pair{"h1000", Generation::kOther}, std::pair{"b200x", Generation::kOther}}) {
    sheet.name = name;
    EXPECT_EQ(figures_of(sheet).generation, generation) << name;
  }
}

}  // namespace
}  // namespace isobar::plan
