// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes (doubled) and
// line ends. The first record names the columns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::cluster {

class CsvTable {
 public:
  /// Throws UserError "<name>:<line>: ..." for a record of another width than the first or a quote
  /// that nothing closes.
  CsvTable(std::string_view text, const std::string& name);

  [[nodiscard]] std::size_t rows() const { return records_.size(); }
  [[nodiscard]] std::optional<std::size_t> column(std::string_view title) const;
  [[nodiscard]] const std::string& at(std::size_t row, std::size_t column) const {
    return records_.at(row).at(column);
  }
  /// The line of the file a row starts on.
  [[nodiscard]] std::size_t line(std::size_t row) const { return lines_.at(row); }

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> records_;
  std::vector<std::size_t> lines_;
};

/// Quoted where it must be.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace isobar::cluster
