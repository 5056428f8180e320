#include "report/roofline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace isobar::report {
namespace {

using ledger::RooflinePoint;
using ledger::Roofs;

constexpr double kWidth = 820, kHeight = 520, kLeft = 80, kRight = 22, kTop = 40, kBottom = 60;

/// Powers of ten that hold everything drawn.
struct Axes {
  int x_low = -2, x_high = 3, y_low = 9, y_high = 12;

  [[nodiscard]] double x(double intensity) const {
    return kLeft + (std::log10(intensity) - x_low) / (x_high - x_low) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double flops) const {
    return kHeight - kBottom -
           (std::log10(flops) - y_low) / (y_high - y_low) * (kHeight - kTop - kBottom);
  }
};

bool is_drawn(const RooflinePoint& point) { return point.flops() > 0 && point.dram_bytes > 0; }

Axes axes_for(const Roofs& roofs, std::span<const RooflinePoint> points) {
  const double top = std::max({roofs.fp16_flops, roofs.fp32_flops, roofs.fp64_flops});
  const double ridge = top / roofs.dram_bytes_per_second;
  double left = ridge / 100, right = ridge * 10, bottom = top / 1000;
  for (const RooflinePoint& point : points) {
    if (!is_drawn(point)) continue;
    left = std::min(left, point.intensity());
    right = std::max(right, point.intensity());
    bottom = std::min(bottom, point.flops_per_second());
  }
  const auto floor = [](double value) { return static_cast<int>(std::floor(std::log10(value))); };
  return {floor(left), floor(right) + 1, floor(bottom), floor(top) + 1};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

/// Of a long name the middle is left out; the dot's title has it whole.
std::string short_name(const std::string& kernel) {
  constexpr std::size_t kLongest = 36, kHead = 18, kTail = 15;
  if (kernel.size() <= kLongest) return kernel;
  return kernel.substr(0, kHead) + "..." + kernel.substr(kernel.size() - kTail);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view colour) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
      y2, colour);
}

std::string label(double x, double y, std::string_view anchor, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     escaped(text));
}

std::string grid(const Axes& axes) {
  std::string svg;
  for (int i = axes.x_low; i <= axes.x_high; ++i) {
    const double x = axes.x(std::pow(10, i));
    svg += line(x, kTop, x, kHeight - kBottom, "#e5e5e5");
    svg += label(x, kHeight - kBottom + 16, "middle", fmt::format("{:g}", std::pow(10, i)));
  }
  for (int i = axes.y_low; i <= axes.y_high; ++i) {
    const double y = axes.y(std::pow(10, i));
    svg += line(kLeft, y, kWidth - kRight, y, "#e5e5e5");
    svg += label(kLeft - 6, y + 4, "end", fmt::format("1e{}", i));
  }
  svg += label((kLeft + kWidth) / 2, kHeight - kBottom + 34, "middle", "FLOP per byte of DRAM");
  return svg + label(kLeft - 6, kTop - 10, "end", "FLOP/s");
}

/// The slope of the memory, and the flat roof of each precision from its ridge on.
std::string roofs_of(const Axes& axes, const Roofs& roofs) {
  const struct {
    double flops;
    std::string_view name;
  } kFlat[] = {
      {roofs.fp16_flops, "half"}, {roofs.fp32_flops, "single"}, {roofs.fp64_flops, "double"}};
  const double bandwidth = roofs.dram_bytes_per_second;
  const double right = std::pow(10, axes.x_high);
  double top = 0;
  std::string svg;
  for (const auto& roof : kFlat) {
    svg += line(axes.x(roof.flops / bandwidth), axes.y(roof.flops), axes.x(right),
                axes.y(roof.flops), "#444");
    svg += label(axes.x(right), axes.y(roof.flops) - 4, "end", roof.name);
    top = std::max(top, roof.flops);
  }
  // From where the slope enters the picture.
  const double begin = std::max(std::pow(10, axes.x_low), std::pow(10, axes.y_low) / bandwidth);
  return svg + line(axes.x(begin), axes.y(begin * bandwidth), axes.x(top / bandwidth), axes.y(top),
                    "#444");
}

std::string dot(const Axes& axes, const RooflinePoint& point, double share) {
  constexpr double kLargest = 18, kSmallest = 3;
  const double radius = std::max(kSmallest, kLargest * std::sqrt(share));
  const double x = axes.x(point.intensity()), y = axes.y(point.flops_per_second());
  // In the right half the name stands to the left of its dot, so that it stays in the picture.
  const bool left = x > (kLeft + kWidth - kRight) / 2;
  return fmt::format(
             "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"#2b6cb0\" "
             "fill-opacity=\"0.6\"><title>{}: {:.3g} FLOP/B, {:.3g} FLOP/s, {:.1f} % of the "
             "time</title></circle>\n",
             x, y, radius, escaped(point.kernel), point.intensity(), point.flops_per_second(),
             100 * share) +
         label(left ? x - radius - 3 : x + radius + 3, y + 4, left ? "end" : "start",
               short_name(point.kernel));
}

/// The kernels that have no place in the picture, in lines that end where it does.
std::vector<std::string> footer_of(std::span<const RooflinePoint> points) {
  // No letter of a sans-serif font is wider than 0.95 of its size on average over a name; 11 px.
  constexpr auto kLineBytes = static_cast<std::size_t>((kWidth - kLeft - kRight) / 7);
  constexpr std::size_t kMostLines = 12;
  std::vector<std::string> lines;
  std::string text = "without FLOPs or DRAM traffic:";
  std::size_t left_out = 0;
  bool any = false;
  for (const RooflinePoint& point : points) {
    if (is_drawn(point)) continue;
    const std::string word = (any ? ", " : " ") + short_name(point.kernel);
    any = true;
    if (text.size() + word.size() > kLineBytes && lines.size() + 1 < kMostLines) {
      lines.push_back(text + ",");
      text = "  " + short_name(point.kernel);
    } else if (text.size() + word.size() > kLineBytes) {
      ++left_out;
    } else {
      text += word;
    }
  }
  if (!any) return {};
  lines.push_back(text + (left_out > 0 ? fmt::format(" and {} more", left_out) : ""));
  return lines;
}

}  // namespace

std::string roofline_svg(const std::string& chip, const Roofs& roofs,
                         std::span<const RooflinePoint> points) {
  const Axes axes = axes_for(roofs, points);
  double seconds = 0;
  for (const RooflinePoint& point : points) seconds += point.seconds;
  const std::vector<std::string> footer = footer_of(points);
  constexpr double kLineHeight = 14;
  const double height =
      kHeight + kLineHeight * (std::max(static_cast<double>(footer.size()), 1.0) - 1);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"11\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      kWidth, height);
  svg += label(kWidth / 2, 18, "middle", fmt::format("Roofline of {}", chip));
  svg += grid(axes) + roofs_of(axes, roofs);
  for (const RooflinePoint& point : points)
    if (is_drawn(point)) svg += dot(axes, point, seconds > 0 ? point.seconds / seconds : 0);
  for (std::size_t i = 0; i < footer.size(); ++i)
    svg += label(kLeft, kHeight - 8 + kLineHeight * static_cast<double>(i), "start", footer[i]);
  return svg + "</svg>\n";
}

}  // namespace isobar::report
