#include "cli/table/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace isobar::cli {

std::string scaled(double value) {
  constexpr std::array kSuffixes{"", "k", "M", "G", "T", "P"};
  std::size_t i = 0;
  while (value >= 999.5 && i + 1 < kSuffixes.size()) {
    value /= 1000;
    ++i;
  }
  if (i == 0) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}{}", value,
                     value < 9.995   ? 2
                     : value < 99.95 ? 1
                                     : 0,
                     kSuffixes.at(i));
}
std::string scaled(std::uint64_t value) { return scaled(static_cast<double>(value)); }

std::string milliseconds(Picoseconds time) {
  return fmt::format("{:.3f}", static_cast<double>(time.count()) * 1e-9);
}

std::string shortened(const std::string& name, std::size_t width) {
  constexpr std::string_view kGap = "...";
  if (name.size() <= width) return name;
  const auto is_inside_character = [&](std::size_t at) {
    return at < name.size() && (static_cast<unsigned char>(name[at]) & 0xC0U) == 0x80U;
  };
  std::size_t head = (width - kGap.size() + 1) / 2, tail = name.size() - (width - kGap.size()) / 2;
  while (head > 0 && is_inside_character(head)) --head;
  while (is_inside_character(tail)) ++tail;
  return name.substr(0, head).append(kGap).append(name, tail);
}

std::string lay_out(std::vector<Cells> rows, std::size_t columns) {
  constexpr std::size_t kLeastName = 12, kGap = 2;
  const std::size_t name = std::clamp(columns / 3, kLeastName, kNameWidth);
  for (Cells& row : rows) row.front() = shortened(row.front(), name);
  std::vector<std::size_t> widths(rows.front().size());
  for (const Cells& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  std::size_t begin = 1;
  do {
    std::size_t end = begin, width = kGap + widths[0];
    while (end < widths.size() && (end == begin || width + kGap + widths[end] <= columns))
      width += kGap + widths[end++];
    for (const Cells& row : rows) {
      text += fmt::format("  {:<{}}", row[0], widths[0]);
      for (std::size_t i = begin; i < end; ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
      text += "\n";
    }
    begin = end;
  } while (begin < widths.size());
  return text;
}

}  // namespace isobar::cli
