// One list of entries, three shapes: text, JSON, a page.
#include "report/chip_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text/csv.h"
#include "report/sweep_table.h"

namespace isobar::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<fab::Assessment> chips(std::initializer_list<const char*> names) {
  std::vector<fab::Assessment> all;
  for (const char* name : names)
    all.push_back(fab::assess(chip::find_datasheet(name), fab::default_constants(), {}));
  return all;
}

TEST(ChipTable, HasOneColumnPerChipAndTellsWhatIsMissingBelow) {
  const std::string text = chip_table(chips({"h100", "ascend-910c"}), false);
  EXPECT_THAT(text, AllOf(HasSubstr("H100 SXM"), HasSubstr("Ascend 910C"), HasSubstr("15,832"),
                          HasSubstr("12,032"), HasSubstr("3A090.a"),
                          HasSubstr("not computed (die.area is not published"),
                          HasSubstr("not legal advice")));
  EXPECT_THAT(text, Not(HasSubstr("white paper"))) << "sources only with --explain";
  EXPECT_THAT(chip_table(chips({"h100"}), true), HasSubstr("white paper"));
}

TEST(ChipTable, KeepsRowsShortEnoughToRead) {
  const std::string text = chip_table(chips({"h100", "h20", "ascend-910c", "isobar-1"}), false);
  const std::string table = text.substr(0, text.find("area by block"));
  std::size_t longest = 0;
  for (std::size_t at = 0; at < table.size();) {
    const std::size_t end = std::min(table.find('\n', at), table.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  EXPECT_LE(longest, 38U + 4 * 27U);
}

TEST(ChipJson, HasTheNamedKeysEachWithItsSourceOrItsReason) {
  const auto one = nlohmann::json::parse(chip_json(chips({"h100"})));
  for (const char* key : {"die_area_mm2", "tpp", "performance_density", "yield",
                          "cost_per_good_die", "time_to_market_weeks"}) {
    ASSERT_TRUE(one.contains(key)) << key;
    EXPECT_TRUE(one[key].is_number()) << key;
    EXPECT_FALSE(one["sources"][key].get<std::string>().empty()) << key;
  }
  EXPECT_EQ(one["name"], "h100");
  EXPECT_EQ(one["export_class"], "3A090.a");
  EXPECT_LT(one["yield"], 1) << "a fraction";
  const auto two = nlohmann::json::parse(chip_json(chips({"h20", "ascend-910c"})));
  ASSERT_TRUE(two.is_array());
  EXPECT_TRUE(two[1]["yield"].is_null());
  EXPECT_TRUE(two[1]["missing"].contains("yield"));
}

TEST(ChipPage, StandsAloneAndEscapesWhatFilesSay) {
  std::vector<fab::Assessment> hostile = chips({"h100"});
  hostile[0].title = "<script>alert(\"x\")</script> & co";
  const std::string page = chip_page(hostile);
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;script&gt;"), HasSubstr("&amp; co"), HasSubstr("<svg")));
  EXPECT_THAT(page,
              AllOf(Not(HasSubstr("<script")), Not(HasSubstr("http")), Not(HasSubstr("src="))));
}

/// Each picture of a page, as its opening tag.
std::vector<std::string> pictures(const std::string& page) {
  std::vector<std::string> tags;
  for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1))
    tags.push_back(page.substr(at, page.find('>', at) - at));
  return tags;
}

TEST(ChipPage, EveryPictureHasANameInWords) {
  const fab::SweepResult result =
      fab::run_sweep(300, {}, fab::default_constants(), *fab::roofline_judge(), Ranks::alone());
  for (const std::string& page : {chip_page(chips({"h100", "isobar-1"})), sweep_page(result)}) {
    ASSERT_FALSE(pictures(page).empty());
    for (const std::string& tag : pictures(page)) {
      const auto label = tag.find("aria-label=\"");
      ASSERT_NE(label, std::string::npos) << tag;
      EXPECT_GT(tag.find('"', label + 12) - label, 30U) << tag;
    }
  }
}

TEST(ChipCsv, HoldsTheFiguresOfTheJson) {
  const auto all = chips({"h100"});
  const CsvTable csv(chip_csv(all), "chips.csv");
  const auto json = nlohmann::json::parse(chip_json(all));
  std::size_t numbers = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto at = [&](const char* column) { return csv.at(row, csv.column(column).value()); };
    if (at("table") != "figures" || !json[at("key")].is_number()) continue;
    ++numbers;
    const double scale = at("unit") == "%" ? 0.01 : 1;
    EXPECT_DOUBLE_EQ(std::stod(at("value")) * scale, json[at("key")].get<double>()) << at("key");
  }
  EXPECT_GT(numbers, 10U);
}

TEST(ShortNumber, ShowsThreeDigitsOrThousands) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.05), "0.050");
  EXPECT_EQ(short_number(9.99), "9.99");
  EXPECT_EQ(short_number(19.45), "19.4");
  EXPECT_EQ(short_number(814), "814");
  EXPECT_EQ(short_number(15832), "15,832");
  EXPECT_EQ(short_number(1.0 / 0.0), "never");
}

TEST(SweepReport, PrintsTheFrontInEveryShape) {
  const fab::SweepResult result =
      fab::run_sweep(300, {}, fab::default_constants(), *fab::roofline_judge(), Ranks::alone());
  ASSERT_FALSE(result.front.empty());
  EXPECT_THAT(sweep_text(result), HasSubstr("300 designs"));
  const auto json = nlohmann::json::parse(sweep_json(result));
  EXPECT_EQ(json["front"].size(), result.front.size());
  EXPECT_THAT(sweep_page(result), AllOf(HasSubstr("<path d=\"M"), Not(HasSubstr("http"))));
}

}  // namespace
}  // namespace isobar::report
