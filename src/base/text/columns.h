// Text that fits so many columns: names cut short, sentences broken at spaces, tables whose columns
// without room follow below. Where nothing may be cut (a file, a pipe) `columns` is kAnyWidth of
// base/terminal.h. A character is one column; those that take two are not told apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace isobar {

/// Characters of a text in UTF-8.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// A name of at most `width` bytes: of a longer one the middle is left out. Characters stay whole.
[[nodiscard]] std::string shortened(const std::string& name, std::size_t width);

/// Lines of at most `columns`, broken at spaces and words longer than a line anywhere; the first
/// one begins behind `indent` columns that stand there already, the others are indented. Ends with
/// a line feed.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

/// Each line that is wider is broken likewise, what follows indented by two more than the line.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

using Cells = std::vector<std::string>;

/// A table for people. Where its rows are wider than the terminal, columns lose their padding, then
/// follow below.
class TextTable {
 public:
  struct Column {
    std::string title;      // a line feed: two lines
    bool is_left = false;   // else its cells stand to the right
    std::size_t least = 0;  // its width where there is room; a right one's includes its gap
    std::size_t gap = 2;    // to the column before it
  };
  /// How a row goes on where there is no room.
  enum class Narrow {
    kBeside,  // block by block, each beside the first column again: for short names
    kBelow    // row by row, below its first column: for long ones
  };

  explicit TextTable(std::vector<Column> columns, Narrow narrow = Narrow::kBeside,
                     std::size_t indent = 0)
      : columns_(std::move(columns)), narrow_(narrow), indent_(indent) {}

  /// Cells that are missing at the end are empty.
  void add(Cells cells) { rows_.push_back({std::move(cells), {}}); }
  /// A sentence below the last row.
  void note(std::string text) { rows_.back().notes.push_back(std::move(text)); }
  [[nodiscard]] std::string text(std::size_t columns) const;

 private:
  struct Row {
    Cells cells;
    std::vector<std::string> notes;
  };
  struct Layout;
  [[nodiscard]] std::vector<Row> with_titles() const;
  [[nodiscard]] std::string line(const Row& row, const Layout& layout, std::size_t begin,
                                 std::size_t end) const;
  [[nodiscard]] std::string beside(const Layout& layout) const;
  [[nodiscard]] std::string below(const Layout& layout) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
  Narrow narrow_;
  std::size_t indent_;
};

}  // namespace isobar
