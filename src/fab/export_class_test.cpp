// Known answers and each threshold from both sides, for each rule's days.
#include "fab/export_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fab/assessment.h"

namespace isobar::fab {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Date kOctober2022{20221021}, kOctober2023{20231117}, kNewest{20260115};

struct Known {
  const char* chip;
  double tpp;
  double density;  // 0: the die's area is not published
  const char* october_2023;
};
constexpr Known kKnown[] = {
    {"a100-40gb", 4992, 6.04, "3A090.a"}, {"a100-80gb", 4992, 6.04, "3A090.a"},
    {"h100", 15832, 19.45, "3A090.a"},    {"h200", 15832, 19.45, "3A090.a"},
    {"h800", 15832, 19.45, "3A090.a"},    {"h20", 2368, 2.91, "none"},
    {"ascend-910c", 12032, 0, "3A090.a"},
};

class KnownChip : public ::testing::TestWithParam<Known> {};

TEST_P(KnownChip, HasItsPublishedPerformanceAndClass) {
  const Known& known = GetParam();
  const chip::Datasheet sheet = chip::find_datasheet(known.chip);
  std::optional<double> area;
  if (sheet.die.area) area = (*sheet.die.area).count();
  const ExportResult result =
      export_class(export_facts(sheet, default_constants(), area), kOctober2023);
  ASSERT_TRUE(result.tpp);
  EXPECT_NEAR(*result.tpp, known.tpp, 0.5);
  EXPECT_EQ(result.density.has_value(), known.density > 0);
  if (result.density) EXPECT_NEAR(*result.density, known.density, 0.005);
  EXPECT_EQ(result.chip_class, known.october_2023);
  EXPECT_FALSE(result.why.empty());
}
INSTANTIATE_TEST_SUITE_P(Chips, KnownChip, ::testing::ValuesIn(kKnown), [](const auto& known) {
  std::string name = known.param.chip;
  std::erase(name, '-');
  return name;
});

/// A data-centre chip with this TPP and, unless negative, performance density.
ExportFacts facts(double tpp, double density) {
  ExportFacts out;
  out.peaks = {{"bf16", tpp / 16, 16}};
  if (density >= 0) out.non_planar_area = density > 0 ? tpp / density : 1e12;
  out.planar = false;
  out.nanometres = 5;
  out.data_centre = true;
  out.bidirectional_io = 900;
  return out;
}
std::string class_of(double tpp, double density, Date date = kOctober2023) {
  return export_class(facts(tpp, density), date).chip_class;
}

TEST(October2022, NeedsBothTheRateAndThePerformance) {
  ExportFacts chip = facts(4800, 1);
  const auto with = [&](double tpp, double io) {
    chip.peaks[0].tera_operations = tpp / 16;
    chip.bidirectional_io = io;
    return export_class(chip, kOctober2022).chip_class;
  };
  EXPECT_EQ(with(4800, 600), "3A090");
  EXPECT_EQ(with(4799, 600), "none");
  EXPECT_EQ(with(4800, 599), "none");  // why A800 and H800 existed
  EXPECT_EQ(export_class(chip, Date{20221020}).chip_class, "none");
  chip.bidirectional_io.reset();
  chip.peaks[0].tera_operations = 400;
  EXPECT_EQ(export_class(chip, kOctober2022).chip_class, "unknown");
}

TEST(October2022, IsWhyTheH800WasMadeAndOctober2023EndedIt) {
  const chip::Datasheet h800 = chip::find_datasheet("h800");
  const ExportFacts facts_of = export_facts(h800, default_constants(), 814.0);
  EXPECT_EQ(export_class(facts_of, Date{20231116}).chip_class, "none");
  EXPECT_EQ(export_class(facts_of, kOctober2023).chip_class, "3A090.a");
}

TEST(October2023, DrawsItsLinesWhereTheRuleDoes) {
  // 3A090.a by performance alone.
  EXPECT_EQ(class_of(4800, 0), "3A090.a");
  EXPECT_EQ(class_of(4799, 0), "none");
  // 3A090.a by density, from 1600.
  EXPECT_EQ(class_of(1600, 5.92), "3A090.a");
  EXPECT_EQ(class_of(1599, 5.92), "none");
  EXPECT_EQ(class_of(1600, 5.919), "3A090.b");
  // 3A090.b: density from 3.2, performance from 1600.
  EXPECT_EQ(class_of(1600, 3.2), "3A090.b");
  EXPECT_EQ(class_of(1600, 3.199), "none");
  EXPECT_EQ(class_of(1599, 3.2), "none");
  // 3A090.b: density from 1.6, performance from 2400.
  EXPECT_EQ(class_of(2400, 1.6), "3A090.b");
  EXPECT_EQ(class_of(2400, 1.599), "none");
  EXPECT_EQ(class_of(2399, 1.6), "none");
  EXPECT_EQ(class_of(2399, 3.199), "none");
  EXPECT_EQ(class_of(4799, 1.6), "3A090.b");
  EXPECT_EQ(class_of(4799, 5.92), "3A090.a");
}

TEST(October2023, LetsChipsForOtherMarketsPassBelow4800) {
  ExportFacts chip = facts(4799, 6);
  chip.data_centre = false;
  EXPECT_EQ(export_class(chip, kOctober2023).chip_class, "none");
  chip.peaks[0].tera_operations = 300;
  EXPECT_EQ(export_class(chip, kOctober2023).chip_class, "3A090.a");
}

TEST(October2023, NeedsAnAreaOnlyBetween1600And4800) {
  EXPECT_EQ(class_of(4800, -1), "3A090.a");
  EXPECT_EQ(class_of(1599, -1), "none");
  EXPECT_EQ(class_of(1600, -1), "unknown");
}

TEST(Performance, IsTheLargestOverFormatsAndCountsNoPlanarArea) {
  ExportFacts chip = facts(1000, 1);
  chip.peaks = {{"fp64", 10, 64}, {"fp8", 200, 8}, {"fp4", 300, 4}};
  EXPECT_EQ(*export_class(chip, kNewest).tpp, 1600);
  EXPECT_EQ(export_class(chip, kNewest).format, "fp8");
  chip.planar = true;
  EXPECT_EQ(*export_class(chip, kNewest).density, 0);
  chip.peaks.clear();
  const ExportResult none = export_class(chip, kNewest);
  EXPECT_FALSE(none.tpp);
  EXPECT_EQ(none.chip_class, "unknown");
}

TEST(HbmRule, AsksForTwoGigabytesPerSecondAndSquareMillimetre) {
  ExportFacts chip = facts(1000, 1);
  chip.hbm = true;
  chip.stack_area = 100;
  chip.stack_bandwidth = 200;
  EXPECT_THAT(export_class(chip, Date{20241202}).hbm, HasSubstr("not 3A090.c"));
  chip.stack_bandwidth = 200.1;
  EXPECT_THAT(export_class(chip, Date{20241202}).hbm, HasSubstr(": 3A090.c"));
  EXPECT_EQ(export_class(chip, Date{20241201}).hbm, "");
}

TEST(FoundryRule, PresumesFrom16NanometresAndCountsTransistors) {
  ExportFacts chip = facts(1000, 1);
  const auto answer = [&](double billions, Date date) {
    chip.transistors = billions * 1e9;
    return export_class(chip, date).foundry;
  };
  EXPECT_THAT(answer(29.9, {20250116}), HasSubstr("count can overcome"));
  EXPECT_THAT(answer(30, {20250116}), HasSubstr("count cannot overcome"));
  EXPECT_EQ(answer(29.9, {20250115}), "");
  // Without HBM the limit rises: 35 from 2027, 40 from 2029.
  EXPECT_THAT(answer(34.9, {20261231}), HasSubstr("count cannot overcome"));
  EXPECT_THAT(answer(34.9, {20270101}), HasSubstr("count can overcome"));
  EXPECT_THAT(answer(35, {20281231}), HasSubstr("count cannot overcome"));
  EXPECT_THAT(answer(39.9, {20290101}), HasSubstr("count can overcome"));
  EXPECT_THAT(answer(40, {20290101}), HasSubstr("count cannot overcome"));
  chip.hbm = true;
  EXPECT_THAT(answer(30, {20290101}), HasSubstr("count cannot overcome"));
  chip.hbm = false;
  chip.planar = true;
  chip.nanometres = 17;
  EXPECT_THAT(answer(50, kNewest), HasSubstr("no presumption"));
  chip.nanometres = 16;
  EXPECT_THAT(answer(50, kNewest), StartsWith("presumed 3A090.a"));
  chip.transistors.reset();
  EXPECT_THAT(export_class(chip, kNewest).foundry, HasSubstr("not known"));
}

TEST(January2026, ReviewsCaseByCaseBelowBothItsLimits) {
  ExportFacts chip = facts(20999, 20);
  chip.dram_bandwidth = 6499;
  EXPECT_THAT(export_class(chip, kNewest).review, StartsWith("case by case"));
  EXPECT_THAT(export_class(chip, Date{20260114}).review, StartsWith("presumption of denial"));
  chip.dram_bandwidth = 6500;
  EXPECT_THAT(export_class(chip, kNewest).review, StartsWith("presumption of denial"));
  chip = facts(21000, 20);
  chip.dram_bandwidth = 6499;
  EXPECT_THAT(export_class(chip, kNewest).review, StartsWith("presumption of denial"));
  chip.dram_bandwidth.reset();
  EXPECT_THAT(export_class(chip, kNewest).review, HasSubstr("not known"));
  EXPECT_THAT(export_class(facts(1000, 1), kNewest).review, StartsWith("no licence"));
}

TEST(Dates, AreReadAsIsoAndNothingElse) {
  EXPECT_EQ(parse_date("2023-11-17"), kOctober2023);
  EXPECT_EQ(format_date(kOctober2023), "2023-11-17");
  for (const char* wrong : {"", "2023", "17-11-2023", "2023-13-01", "2023-00-01", "2023-11-32",
                            "2023-11-17 ", "2023/11/17", "x023-11-17"})
    EXPECT_THROW((void)parse_date(wrong), UserError) << wrong;
}

}  // namespace
}  // namespace isobar::fab
