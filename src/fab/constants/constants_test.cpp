// The constants file: whole, sourced, refused where it is wrong; samples stay within their ranges.
#include "fab/constants/constants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "fab/constants/constant_table.h"

namespace isobar::fab {
namespace {

using ::testing::HasSubstr;

std::string shipped() { return read_text(share_directory() / "fab" / "constants.toml"); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}
std::string error_of(const std::string& text) {
  try {
    (void)parse_constants(text, "c.toml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Constants, AllHaveASourceAndARangeAroundThem) {
  Constants constants = default_constants();
  int count = 0;
  for_each_constant(constants, [&](const std::string& table, const char* key, Ranged& r) {
    ++count;
    EXPECT_FALSE(r.source.empty()) << table << " " << key;
    EXPECT_LE(r.low, r.value) << table << " " << key;
    EXPECT_LE(r.value, r.high) << table << " " << key;
  });
  EXPECT_GT(count, 200);
}

TEST(Constants, ThatAreWrongAreRefusedWithTheirLine) {
  const std::string text = shipped();
  EXPECT_THAT(error_of(replaced(text, "datapath = [2, 1.5, 2.5]", "datapath = [3, 1.5, 2.5]")),
              HasSubstr("area.datapath: the nominal value 3 is not between 1.5 and 2.5"));
  EXPECT_THAT(error_of(replaced(text, "datapath = [2, 1.5, 2.5]", "datapath = 2")),
              HasSubstr("[nominal, low, high]"));
  EXPECT_THAT(error_of(replaced(text, "datapath = [2, 1.5, 2.5]", "")),
              HasSubstr("has no datapath"));
  EXPECT_THAT(error_of(replaced(text, "[wafer]", "[wafer]\nspeed = 1")),
              HasSubstr("\"speed\" is not a key of [wafer]"));
  EXPECT_THAT(error_of(replaced(text, "planar = \"yes\"", "planar = \"perhaps\"")),
              HasSubstr("planar must be"));
  EXPECT_THAT(error_of(replaced(text, "datapath_source", "other_source")),
              HasSubstr("\"other_source\" is not a key of [area]"));
  EXPECT_THAT(error_of(""), HasSubstr("c.toml:1: [node.*] is missing"));
}

TEST(Samples, StayInTheirRangesRepeatAndDiffer) {
  const Constants& nominal = default_constants();
  const auto values = [&](std::uint32_t index) {
    Constants drawn = sample(nominal, index);
    std::vector<double> all;
    for_each_constant(drawn, [&](const std::string&, const char*, Ranged& r) {
      EXPECT_GE(r.value, r.low);
      EXPECT_LE(r.value, r.high);
      all.push_back(r.value);
    });
    return all;
  };
  EXPECT_EQ(values(7), values(7));
  EXPECT_NE(values(7), values(8));
}

TEST(Samples, FollowATriangle) {
  // Mean of a triangular distribution: (low + nominal + high) / 3.
  const Constants& nominal = default_constants();
  double sum = 0;
  constexpr int kDraws = 4000;
  for (std::uint32_t i = 0; i < kDraws; ++i) sum += sample(nominal, i).wafer.clustering.value;
  EXPECT_NEAR(sum / kDraws, (3 + 2 + 10) / 3.0, 0.1);
}

TEST(Lookups, FindTheNearestNodeAndTheLongestName) {
  const Constants& c = default_constants();
  EXPECT_EQ(c.market_node(6), &c.market_nodes.at(7));
  EXPECT_EQ(c.market_node(3), &c.market_nodes.at(5));
  EXPECT_EQ(c.market_node(12), &c.market_nodes.at(14));
  EXPECT_EQ(c.memory_price("HBM2E"), &c.memory_prices.at("HBM2E"));
  EXPECT_EQ(c.memory_price("HBM3, five stacks"), &c.memory_prices.at("HBM3"));
  EXPECT_EQ(c.memory_price("own HBM"), nullptr);
  EXPECT_EQ(c.node("N99"), nullptr);
  EXPECT_EQ(c.nodes_like("7nm"), "did you mean N7 or N7+? ");
  EXPECT_EQ(c.nodes_like("5 nm"), "did you mean N5? ");
  EXPECT_EQ(c.nodes_like("N99"), "");
  EXPECT_EQ(c.nodes_like("seven"), "");
}

}  // namespace
}  // namespace isobar::fab
