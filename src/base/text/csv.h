// Comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes (doubled) and
// line ends. The first record names the columns. A CsvReader takes one record after the other from
// text that arrives in pieces, so that a file of any size costs the memory of one record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace isobar {

class CsvReader {
 public:
  /// Puts the next bytes at the end of a text; false, and nothing put, at the end of the file.
  using Source = std::function<bool(std::string& text)>;

  /// Throws UserError "<name>:<line>: ..." for a file without a first record, or where a column
  /// stands twice in it.
  CsvReader(Source source, std::string name);

  /// The next record, or false at the end. Throws UserError "<name>:<line>: ..." for a record of
  /// another width than the first, of more than a mebibyte, or with a quote that nothing closes.
  [[nodiscard]] bool next();

  [[nodiscard]] std::optional<std::size_t> column(std::string_view title) const;
  [[nodiscard]] const std::string& at(std::size_t column) const { return fields_.at(column); }
  /// The same without the blanks around it.
  [[nodiscard]] std::string_view trimmed(std::size_t column) const;
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  [[nodiscard]] const std::vector<std::string>& titles() const { return titles_; }
  /// The line of the file that the record starts on.
  [[nodiscard]] std::size_t line() const { return start_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Of the file, that have been read.
  [[nodiscard]] std::uint64_t bytes() const { return taken_ + at_; }

  /// Throws UserError "<name>:<line>: column <title>: "<text>" <what is wrong>".
  [[noreturn]] void wrong(std::size_t column, std::string_view what) const;

 private:
  [[nodiscard]] bool at_end();
  [[nodiscard]] char current() const { return text_[at_]; }
  void advance();
  bool take(char c);
  bool record();
  void field(std::string& value);
  void quoted(std::string& value);
  void bound(std::size_t size) const;

  Source source_;
  std::string name_;
  std::string text_;  // not yet read from `at_` on
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;  // bytes before `text_`
  bool is_over_ = false;
  std::size_t line_ = 1, start_ = 1;
  std::vector<std::string> titles_, fields_;
};

/// All of `text` at once; it must outlive the reader.
[[nodiscard]] CsvReader::Source csv_source(std::string_view text);

/// A whole file in memory.
class CsvTable {
 public:
  /// Throws UserError as CsvReader does.
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
/// The shortest text that reads back as the same number; empty for what is not finite.
[[nodiscard]] std::string csv_number(double value);

/// Tables of several kinds in one rectangular file: the first column, `table`, says which one a row
/// belongs to, and a row leaves empty what its table does not have.
class CsvSheet {
 public:
  using Row = std::vector<std::pair<std::string, std::string>>;  // column and value, not yet quoted
  void add(std::string_view table, Row row);
  /// With a line of names. Columns stand in the order of their first row.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> titles_{"table"};
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace isobar
