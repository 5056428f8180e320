#include "base/text/columns.h"

#include <algorithm>
#include <utility>

namespace isobar {
namespace {

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Where the first `width` characters end.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  while (at < text.size() && (width > 0 || is_inside_character(text[at])))
    if (!is_inside_character(text[at++])) --width;
  return at;
}

std::string_view without_spaces(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// As much of `text` as a line of `room` holds, taken off it.
std::string_view take_line(std::string_view& text, std::size_t room) {
  std::size_t cut = bytes_of(text, room);
  if (cut < text.size() && text[cut] != ' ') {
    const std::size_t space = text.rfind(' ', cut);
    if (space != std::string_view::npos && text.find_first_not_of(' ') < space) cut = space;
  }
  const std::string_view line = without_spaces(text.substr(0, cut));
  text.remove_prefix(std::min(text.find_first_not_of(' ', cut), text.size()));
  return line;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_inside_character(c); }));
}

std::string shortened(const std::string& name, std::size_t width) {
  constexpr std::string_view kGap = "...";
  if (name.size() <= width) return name;
  if (width <= kGap.size()) return std::string(kGap.substr(0, width));
  std::size_t head = (width - kGap.size() + 1) / 2, tail = name.size() - (width - kGap.size()) / 2;
  while (head > 0 && is_inside_character(name[head])) --head;
  while (tail < name.size() && is_inside_character(name[tail])) ++tail;
  return name.substr(0, head).append(kGap).append(name, tail);
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  constexpr std::size_t kLeast = 8;  // below it, better too wide than a letter a line
  const std::size_t room = std::max(columns - std::min(columns, indent), kLeast);
  std::string out(take_line(text, room));
  while (!text.empty()) out.append("\n").append(indent, ' ').append(take_line(text, room));
  return out + "\n";
}

std::string fitted(std::string_view text, std::size_t columns) {
  constexpr std::size_t kMore = 2;
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (width_of(line) <= columns) {
      out.append(line);
      if (end < text.size()) out += '\n';
    } else {
      const std::size_t indent = std::min(line.find_first_not_of(' '), columns / 2) + kMore;
      std::string_view rest = line;
      out.append(take_line(rest, columns)).append("\n");
      if (!rest.empty()) out.append(indent, ' ').append(wrapped(rest, columns, indent));
      if (end == text.size()) out.pop_back();
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct TextTable::Layout {
  std::vector<std::size_t> gaps, widths;  // what stands before a column, and its own
  std::size_t columns;

  [[nodiscard]] std::size_t of(std::size_t i) const { return gaps[i] + widths[i]; }
};

std::vector<TextTable::Row> TextTable::with_titles() const {
  std::vector<Row> rows(1);
  for (const Column& column : columns_)
    if (column.title.find('\n') != std::string::npos) rows.resize(2);
  for (const Column& column : columns_) {
    const std::size_t end = std::min(column.title.find('\n'), column.title.size());
    rows[0].cells.push_back(column.title.substr(0, end));
    if (rows.size() > 1)
      rows[1].cells.push_back(column.title.substr(std::min(end + 1, column.title.size())));
  }
  rows.insert(rows.end(), rows_.begin(), rows_.end());
  for (Row& row : rows) row.cells.resize(columns_.size());
  return rows;
}

std::string TextTable::line(const Row& row, const Layout& layout, std::size_t begin,
                            std::size_t end) const {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) {
    const std::string cell = width_of(row.cells[i]) <= layout.widths[i]
                                 ? row.cells[i]
                                 : shortened(row.cells[i], layout.widths[i]);
    const std::size_t padding = layout.widths[i] - std::min(layout.widths[i], width_of(cell));
    text.append(layout.gaps[i] + (columns_[i].is_left ? 0 : padding), ' ').append(cell);
    if (columns_[i].is_left) text.append(padding, ' ');
  }
  return text;
}

std::string TextTable::beside(const Layout& layout) const {
  const std::vector<Row> rows = with_titles();
  std::string text;
  std::size_t begin = 1;
  do {
    std::size_t end = begin, width = layout.of(0);
    while (end < columns_.size() && (end == begin || width + layout.of(end) <= layout.columns))
      width += layout.of(end++);
    const bool is_last = end == columns_.size();
    for (const Row& row : rows) {
      text += without_spaces(line(row, layout, 0, 1) + line(row, layout, begin, end));
      text += '\n';
      if (is_last)
        for (const std::string& note : row.notes)
          text.append(4, ' ').append(wrapped(note, layout.columns, 4));
    }
    begin = end;
  } while (begin < columns_.size());
  return text;
}

std::string TextTable::below(const Layout& layout) const {
  constexpr std::size_t kIndent = 4;
  std::string text;
  for (const Row& row : with_titles()) {
    text.append(indent_, ' ');
    text += wrapped(without_spaces(row.cells[0]), layout.columns, indent_ + kIndent / 2);
    for (std::size_t begin = 1; begin < columns_.size();) {
      std::size_t end = begin, width = kIndent - 2;
      while (end < columns_.size() && (end == begin || width + layout.of(end) <= layout.columns))
        width += layout.of(end++);
      const std::string rest = line(row, layout, begin, end);
      if (!without_spaces(rest).empty())
        text.append(kIndent - 2, ' ').append(without_spaces(rest)).append("\n");
      begin = end;
    }
    for (const std::string& note : row.notes)
      text.append(kIndent, ' ').append(wrapped(note, layout.columns, kIndent));
  }
  return text;
}

std::string TextTable::text(std::size_t columns) const {
  constexpr std::size_t kLeastName = 12;
  const std::vector<Row> rows = with_titles();
  Layout layout{.gaps = {}, .widths = {}, .columns = columns};
  Layout padded = layout;
  std::size_t narrow = 0, wide = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, width_of(row.cells[i]));
    const std::size_t gap = i == 0 ? indent_ : columns_[i].gap;
    const std::size_t least = columns_[i].least;
    layout.gaps.push_back(gap);
    layout.widths.push_back(width);
    padded.gaps.push_back(gap);
    padded.widths.push_back(
        std::max(width, columns_[i].is_left ? least : least - std::min(least, gap)));
    narrow += layout.of(i);
    wide += padded.of(i);
  }
  if (wide <= columns) return beside(padded);
  if (narrow <= columns) return beside(layout);
  if (narrow_ == Narrow::kBelow) {
    for (std::size_t i = 1; i < columns_.size(); ++i)
      layout.widths[i] = std::min(layout.widths[i], std::max(columns, kLeastName) - 4);
    return below(layout);
  }
  layout.widths[0] = std::min(layout.widths[0], std::max(columns / 3, kLeastName));
  for (std::size_t i = 1; i < columns_.size(); ++i)
    layout.widths[i] =
        std::min(layout.widths[i], std::max(columns, layout.of(0) + kLeastName) - layout.of(0) - 2);
  return beside(layout);
}

}  // namespace isobar
