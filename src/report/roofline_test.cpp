// The picture of a roofline: what must be in it, and that it is well-formed.
#include "report/roofline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace isobar::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr ledger::Roofs kRoofs{2e12, 1e12, 5e11, 1e11};

/// Tags that open and do not close, or close and did not open.
int unbalanced(std::string_view svg) {
  int depth = 0, worst = 0;
  for (std::size_t at = svg.find('<'); at != std::string_view::npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == std::string_view::npos) return 1;
    depth += svg[at + 1] == '/' ? -1 : svg[end - 1] == '/' ? 0 : 1;
    worst = std::min(worst, depth);
  }
  return depth != 0 ? depth : worst;
}

TEST(RooflineSvg, ShowsEveryKernelOnce) {
  const std::vector<ledger::RooflinePoint> points{{"sgemm<8>", 0, 4000000, 0, 100000, 10e-6},
                                                  {"stream", 0, 1000000, 0, 8000000, 90e-6},
                                                  {"copy", 0, 0, 0, 8000000, 90e-6}};
  const std::string svg = roofline_svg("mini", kRoofs, points);
  EXPECT_EQ(unbalanced(svg), 0);
  EXPECT_THAT(svg, HasSubstr("Roofline of mini"));
  EXPECT_THAT(svg, HasSubstr("sgemm&lt;8>: 40 FLOP/B, 4e+11 FLOP/s, 5.3 % of the time"));
  EXPECT_THAT(svg, HasSubstr("without FLOPs or DRAM traffic: copy"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

/// Every label's text with the place where it begins or, for "end", ends.
struct Label {
  double x = 0, y = 0;
  std::string anchor, text;
};

std::vector<Label> labels_of(const std::string& svg) {
  const std::regex form("<text x=\"([^\"]*)\" y=\"([^\"]*)\" text-anchor=\"([a-z]*)\">([^<]*)<");
  std::vector<Label> labels;
  for (std::sregex_iterator each(svg.begin(), svg.end(), form), end; each != end; ++each)
    labels.push_back({std::stod((*each)[1]), std::stod((*each)[2]), (*each)[3], (*each)[4]});
  return labels;
}

// DejaVu Sans, the widest of the common sans-serif fonts, takes 0.61 em for the mean of lower-case
// letters, digits and underscores: 6.7 px at 11 px.
TEST(RooflineSvg, NoNameRunsOutOfThePicture) {
  constexpr double kLetter = 6.7, kWidth = 820;
  std::vector<ledger::RooflinePoint> points;
  for (int i = 0; i < 14; ++i)
    points.push_back({"gather_embedding_rows_" + std::to_string(i), 0, 0, 0, 100, 1e-6});
  points.push_back({std::string(3001, 'n'), 0, 0, 0, 100, 1e-6});
  points.push_back({std::string(3001, 'd'), 0, 4000000, 0, 100, 1e-6});
  const std::string svg = roofline_svg("mini", kRoofs, points);
  std::smatch height;
  ASSERT_TRUE(std::regex_search(svg, height, std::regex("height=\"([0-9]+)\"")));
  std::string all;
  for (const Label& label : labels_of(svg)) {
    const double width = kLetter * static_cast<double>(label.text.size());
    const double left = label.anchor == "end"      ? label.x - width
                        : label.anchor == "middle" ? label.x - width / 2
                                                   : label.x;
    EXPECT_GE(left, 0) << label.text;
    EXPECT_LE(left + width, kWidth) << label.text;
    EXPECT_LT(label.y, std::stod(height[1])) << label.text;
    all += label.text + " ";
  }
  for (int i = 0; i < 14; ++i)
    EXPECT_THAT(all, HasSubstr("gather_embedding_rows_" + std::to_string(i)));
  EXPECT_THAT(svg, HasSubstr(std::string(3001, 'd') + ": ")) << "a dot's title has the whole name";
}

TEST(RooflineSvg, IsAPictureWithoutKernelsToo) {
  const std::string svg = roofline_svg("mini", kRoofs, {});
  EXPECT_EQ(unbalanced(svg), 0);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace isobar::report
