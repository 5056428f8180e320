// The page section of chip_table.h: HTML and inline SVG, nothing fetched, readable without scripts.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/chip_table.h"

namespace isobar::report {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  return out;
}

namespace {

constexpr std::string_view kStyle = R"(<style>
.chips{font:14px/1.45 system-ui,sans-serif;color:#1c2330;max-width:78rem;margin:2rem auto;padding:0 1rem}
.chips h1{font-size:1.5rem}.chips h2{font-size:1.1rem;margin:2rem 0 .5rem}
.chips .wide{overflow-x:auto}
.chips table{border-collapse:collapse;width:100%}
.chips th,.chips td{padding:.25rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #e3e7ee}
.chips tbody th{font-weight:400}
.chips thead th{border-bottom:2px solid #1c2330}
.chips tr.part th{background:#f2f5fa;font-weight:600}
.chips .range,.chips .why,.chips .note{color:#5b6675;font-size:12px}
.chips .why{font-style:italic}
.chips p,.chips li{overflow-wrap:anywhere}
.chips svg text{font:12px system-ui,sans-serif;fill:#1c2330}
</style>
)";

std::string cell(const fab::Entry* entry) {
  if (entry == nullptr) return "<td></td>";
  const std::string source =
      entry->source.empty() ? "" : fmt::format(" title=\"{}\"", escaped(entry->source));
  if (entry->value) {
    std::string range;
    if (entry->low && entry->high)
      range = fmt::format(" <span class=\"range\">{} – {}</span>", short_number(*entry->low),
                          short_number(*entry->high));
    return fmt::format("<td{}>{}{}</td>", source, short_number(*entry->value), range);
  }
  if (!entry->text.empty()) return fmt::format("<td{}>{}</td>", source, escaped(entry->text));
  return fmt::format("<td class=\"why\" title=\"{}\">–</td>", escaped(entry->missing));
}

std::string table(std::span<const fab::Assessment> chips) {
  // Wider than a narrow screen: it scrolls, not the page, and is reached by the keyboard, too.
  std::string out =
      "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Figures of each chip\">"
      "<table><thead><tr><td></td>";
  for (const fab::Assessment& chip : chips)
    out += fmt::format("<th scope=\"col\">{}</th>", escaped(chip.title));
  out += "</tr></thead>\n<tbody>\n";
  std::string_view section;
  for (const fab::Entry& row : chips[0].entries) {
    if (row.section != section)
      out += fmt::format("<tr class=\"part\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                         chips.size() + 1, escaped(section = row.section));
    const std::string unit =
        row.unit.empty() ? "" : fmt::format(" <span class=\"note\">{}</span>", escaped(row.unit));
    out += fmt::format("<tr><th scope=\"row\">{}{}</th>", escaped(row.label), unit);
    for (const fab::Assessment& chip : chips) out += cell(chip.find(row.key));
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

/// The picture in words: each chip's area, and its largest block.
std::string in_words(const std::vector<const fab::Assessment*>& chips) {
  std::string text = "Bars: the estimated area of a compute die";
  for (const fab::Assessment* chip : chips) {
    double total = 0;
    for (const fab::AreaBlock& block : chip->blocks) total += block.mm2;
    const auto largest = std::ranges::max_element(chip->blocks, {}, &fab::AreaBlock::mm2);
    text += fmt::format("; {} {:.0f} mm², most of it {}, {:.0f}", chip->title, total, largest->name,
                        largest->mm2);
  }
  return text;
}

/// One bar per chip whose area could be estimated, cut into its blocks.
std::string areas(std::span<const fab::Assessment> chips) {
  constexpr std::array kColours{"#3b6fb6", "#79a6dc", "#2f8f83", "#7cc4b4", "#b9822b", "#e0b364",
                                "#9b4f6a", "#cf8aa3", "#6a5fa8", "#a69ed3", "#7a8594", "#d3d8e0"};
  constexpr double kLeft = 150, kWide = 760, kHigh = 26, kGap = 12;
  double largest = 0;
  std::vector<const fab::Assessment*> shown;
  for (const fab::Assessment& chip : chips) {
    double total = 0;
    for (const fab::AreaBlock& block : chip.blocks) total += block.mm2;
    if (total > 0) shown.push_back(&chip);
    largest = std::max(largest, total);
  }
  if (shown.empty()) return {};
  const std::size_t count = shown[0]->blocks.size();
  const double bars = static_cast<double>(shown.size()) * (kHigh + kGap);
  const std::size_t rows = (count + 3) / 4;
  const double legend = static_cast<double>(rows) * 20;
  std::string out = fmt::format(
      "<h2>Area of a compute die by block, estimated (mm²)</h2>\n<svg viewBox=\"0 0 {:.0f} "
      "{:.0f}\" role=\"img\" aria-label=\"{}\">\n",
      kLeft + kWide + 60, bars + legend + 10, escaped(in_words(shown)));
  double y = 0;
  for (const fab::Assessment* chip : shown) {
    double x = kLeft;
    out += fmt::format("<text x=\"0\" y=\"{:.0f}\">{}</text>", y + 18, escaped(chip->title));
    for (std::size_t i = 0; i < chip->blocks.size(); ++i) {
      const double width = chip->blocks[i].mm2 / largest * kWide;
      out += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\" "
          "fill=\"{}\"><title>{}: {:.1f} mm²</title></rect>",
          x, y, width, kHigh, kColours[i % kColours.size()], escaped(chip->blocks[i].name),
          chip->blocks[i].mm2);
      x += width;
    }
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{:.0f}</text>\n", x + 6, y + 18,
                       (x - kLeft) / kWide * largest);
    y += kHigh + kGap;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double x = kLeft + static_cast<double>(i % 4) * 190;
    const std::size_t row = i / 4;
    const double at = y + static_cast<double>(row) * 20;
    out += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"12\" height=\"12\" fill=\"{}\"/>"
        "<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
        x, at, kColours[i % kColours.size()], x + 17, at + 11, escaped(shown[0]->blocks[i].name));
  }
  return out + "</svg>\n";
}

}  // namespace

std::string chip_section(std::span<const fab::Assessment> chips) {
  if (chips.empty()) return {};
  std::string out(kStyle);
  out += "<section class=\"chips\">\n<h1>Chips: what they are, cost and may do</h1>\n";
  out += table(chips) + areas(chips);
  out += "<h2>Export class, step by step, and what cannot be computed</h2>\n";
  for (const fab::Assessment& chip : chips) {
    out += fmt::format("<p><b>{}</b></p>\n<ul>\n", escaped(chip.title));
    for (const auto& [reason, labels] : reasons_of(chip))
      out += fmt::format("<li>not computed ({}): {}</li>\n", escaped(reason), escaped(labels));
    for (const std::string& step : chip.export_steps)
      out += fmt::format("<li>{}</li>\n", escaped(step));
    out += "</ul>\n";
  }
  out += fmt::format(
      "<p class=\"note\">Ranges: 5 to 95 % over the ranges of the constants. A figure's "
      "source shows when the pointer rests on it. Export class: {}.</p>\n</section>\n",
      fab::kDisclaimer);
  return out;
}

std::string chip_page(std::span<const fab::Assessment> chips) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Isobar: "
         "chips</title><meta name=\"viewport\" "
         "content=\"width=device-width\"></head>\n<body><main>\n" +
         chip_section(chips) + "</main></body></html>\n";
}

}  // namespace isobar::report
