// Whole assessments: what is there with its source, what is not with its reason.
#include "fab/assessment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace isobar::fab {
namespace {

using ::testing::HasSubstr;

Assessment of(const char* chip, const Options& options = {}) {
  return assess(chip::find_datasheet(chip), default_constants(), options);
}

TEST(Assessment, OfAPublishedChipHasEveryFigureItsSourceAndItsInterval) {
  const Assessment h100 = of("h100");
  for (const char* key :
       {"die_area_mm2", "tpp", "performance_density", "yield", "cost_per_good_die",
        "cost_per_package", "time_to_market_weeks", "energy_pj_per_flop", "agility"}) {
    const Entry* entry = h100.find(key);
    ASSERT_NE(entry, nullptr) << key;
    EXPECT_TRUE(entry->value) << key << ": " << entry->missing;
    EXPECT_FALSE(entry->source.empty()) << key;
  }
  for (const char* key : {"yield", "cost_per_good_die", "cost_per_package"}) {
    const Entry* entry = h100.find(key);
    ASSERT_TRUE(entry->low && entry->high) << key;
    EXPECT_LT(*entry->low, *entry->high) << key;
    EXPECT_GT(*entry->value, *entry->low * 0.8) << key;
    EXPECT_LT(*entry->value, *entry->high * 1.2) << key;
  }
  EXPECT_FALSE(h100.find("die_area_mm2")->low) << "a published area is exact";
  EXPECT_EQ(h100.find("export_class")->text, "3A090.a");
}

TEST(Assessment, IsTheSameEachTime) {
  const Assessment first = of("mi300x"), second = of("mi300x");
  ASSERT_EQ(first.entries.size(), second.entries.size());
  for (std::size_t i = 0; i < first.entries.size(); ++i) {
    EXPECT_EQ(first.entries[i].value, second.entries[i].value);
    EXPECT_EQ(first.entries[i].low, second.entries[i].low);
  }
}

TEST(Assessment, WithHolesSaysWhatCannotBeComputedAndStillComputesTheRest) {
  const Assessment ascend = of("ascend-910c");
  EXPECT_EQ(ascend.find("tpp")->value, 12032);
  EXPECT_EQ(ascend.find("export_class")->text, "3A090.a");
  EXPECT_FALSE(ascend.find("yield")->value);
  EXPECT_THAT(ascend.find("yield")->missing, HasSubstr("die.area is not published"));
  EXPECT_TRUE(ascend.find("energy_pj_per_flop")->value);
}

TEST(Assessment, OfEveryChipThatShipsHasAValueOrAReasonForEachEntry) {
  for (const auto& path : chip::list_datasheets()) {
    const Assessment all = assess(chip::read_datasheet(path), default_constants(), {});
    for (const Entry& entry : all.entries)
      EXPECT_NE(entry.value || !entry.text.empty(), !entry.missing.empty())
          << path << " " << entry.key;
  }
}

TEST(Volume, SpreadsMasksAndDesign) {
  const Assessment few = of("h100", {.volume = 1e4}), many = of("h100", {.volume = 1e7});
  EXPECT_NEAR(*few.find("masks_and_design_per_package")->value,
              1000 * *many.find("masks_and_design_per_package")->value, 1e-6);
  EXPECT_LT(*few.find("time_to_market_weeks")->value, *many.find("time_to_market_weeks")->value);
}

TEST(Training, CountsOnlyForTheChipThatRan) {
  TrainingRun run =
      parse_training_run(R"({"chip":"h100","mfu":0.4,"tokens_per_chip_second":10000})", "run.json");
  EXPECT_EQ(*of("h100", {.run = run}).find("mfu")->value, 40);
  EXPECT_GT(*of("h100", {.run = run}).find("cost_per_million_tokens")->value, 0);
  EXPECT_THAT(of("h20", {.run = run}).find("mfu")->missing, HasSubstr("the run is of h100"));
}

TEST(Training, ReadsARunsSummaryAndAPlan) {
  const TrainingRun run = parse_training_run(
      R"({"device":"Isobar/isobar-nano","mfu":0.25,"tokens":1000,"device_seconds":4})", "s.json");
  EXPECT_EQ(run.chip, "isobar-nano");
  EXPECT_EQ(run.tokens_per_chip_second, 250);
  const TrainingRun plan = parse_training_run(
      R"({"chip":"h100","batch":64,"sequence":4096,"chips":128,"layouts":[{"mfu":0.5,"step_s":2}]})",
      "p.json");
  EXPECT_EQ(plan.mfu, 0.5);
  EXPECT_EQ(plan.tokens_per_chip_second, 64.0 * 4096 / 128 / 2);
  for (const char* wrong : {"", "[]", "{}", "{\"mfu\":\"x\"}", "{\"layouts\":[3]}"})
    EXPECT_THROW((void)parse_training_run(wrong, "x.json"), UserError) << wrong;
}

TEST(Training, NamesAFigureThatIsNoNumberInsteadOfLeavingItOut) {
  const auto error_of = [](const std::string& json) -> std::string {
    try {
      (void)parse_training_run(json, "s.json");
    } catch (const UserError& error) {
      return error.what();
    }
    return "nothing";
  };
  EXPECT_EQ(error_of(R"({"mfu":null,"tokens":10,"device_seconds":2})"), "nothing");
  EXPECT_EQ(error_of(R"({"mfu":-3,"tokens":10,"device_seconds":2})"),
            "s.json: mfu is -3, but must be a number from 0 on");
  EXPECT_EQ(error_of(R"({"mfu":0.5,"tokens":"many","device_seconds":2})"),
            "s.json: tokens is \"many\", but must be a number from 0 on");
  EXPECT_EQ(error_of(R"({"mfu":0.5,"layouts":[{"step_s":"fast"}]})"),
            "s.json: step_s is \"fast\", but must be a number from 0 on");
}

}  // namespace
}  // namespace isobar::fab
