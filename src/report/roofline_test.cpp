// The picture of a roofline: what must be in it, and that it is well-formed.
#include "report/roofline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(RooflineSvg, IsAPictureWithoutKernelsToo) {
  const std::string svg = roofline_svg("mini", kRoofs, {});
  EXPECT_EQ(unbalanced(svg), 0);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace isobar::report
