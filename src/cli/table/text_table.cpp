#include "cli/table/text_table.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <utility>

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
  return isobar::shortened(name, width);
}

std::string lay_out(std::vector<Cells> rows, std::size_t columns) {
  std::vector<TextTable::Column> titles;
  for (const std::string& title : rows.front())
    titles.push_back({.title = title, .is_left = titles.empty()});
  TextTable table(std::move(titles), TextTable::Narrow::kBeside, 2);
  for (Cells& row : std::span(rows).subspan(1)) {
    row.front() = shortened(row.front());
    table.add(std::move(row));
  }
  return table.text(columns);
}

}  // namespace isobar::cli
