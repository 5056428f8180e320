#include "base/text/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.h"

namespace isobar {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // of one record
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<std::size_t> find(const std::vector<std::string>& titles, std::string_view title) {
  const auto found = std::ranges::find(titles, title);
  if (found == titles.end()) return std::nullopt;
  return static_cast<std::size_t>(found - titles.begin());
}

}  // namespace

CsvReader::CsvReader(Source source, std::string name)
    : source_(std::move(source)), name_(std::move(name)) {
  while (text_.size() < kByteOrderMark.size() && source_(text_)) {}
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  if (!record()) fail("{}: empty (the first line must name the columns)", name_);
  titles_ = std::move(fields_);
  for (auto title = titles_.begin(); title != titles_.end(); ++title)
    if (!title->empty() && std::find(titles_.begin(), title, *title) != title)
      fail("{}:{}: the column {} stands twice", name_, start_, *title);
}

bool CsvReader::next() {
  if (!record()) return false;
  if (fields_.size() != titles_.size())
    fail("{}:{}: {} fields, but the first line names {} columns", name_, start_, fields_.size(),
         titles_.size());
  return true;
}

std::optional<std::size_t> CsvReader::column(std::string_view title) const {
  return find(titles_, title);
}

std::string_view CsvReader::trimmed(std::size_t column) const {
  std::string_view text = at(column);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void CsvReader::wrong(std::size_t column, std::string_view what) const {
  fail("{}:{}: column {}: \"{}\" {}", name_, start_, titles_.at(column),
       std::string_view(at(column)).substr(0, 60), what);
}

bool CsvReader::at_end() {
  while (at_ >= text_.size() && !is_over_) {
    taken_ += text_.size();
    at_ = 0;
    text_.clear();
    is_over_ = !source_(text_);
  }
  return at_ >= text_.size();
}

void CsvReader::advance() {
  if (current() == '\n') ++line_;
  ++at_;
}

bool CsvReader::take(char c) {
  if (at_end() || current() != c) return false;
  advance();
  return true;
}

void CsvReader::bound(std::size_t size) const {
  if (size > kMostBytes)
    fail("{}:{}: a record of more than {} bytes (is a quote never closed?)", name_, start_,
         kMostBytes);
}

/// False at the end of the text.
bool CsvReader::record() {
  while (!at_end() && (current() == '\n' || current() == '\r')) advance();
  if (at_end()) return false;
  start_ = line_;
  std::size_t count = 0;
  std::size_t size = 0;
  do {
    if (fields_.size() <= count) fields_.emplace_back();
    field(fields_[count]);
    bound(size += fields_[count].size() + 1);
    ++count;
  } while (take(','));
  fields_.resize(count);
  return true;
}

void CsvReader::field(std::string& value) {
  value.clear();
  if (take('"')) return quoted(value);
  for (; !at_end() && current() != ',' && current() != '\n'; advance()) {
    if (current() != '\r') value += current();
    bound(value.size());
  }
}

void CsvReader::quoted(std::string& value) {
  const std::size_t opened = line_;
  while (true) {
    if (at_end()) fail("{}:{}: a quote is never closed", name_, opened);
    const char c = current();
    advance();
    if (c == '"' && !take('"')) break;
    value += c;
    bound(value.size());
  }
  while (take('\r')) {}
  if (!at_end() && current() != ',' && current() != '\n')
    fail("{}:{}: text after a closing quote (double quotes inside quotes)", name_, line_);
}

CsvReader::Source csv_source(std::string_view text) {
  return [text, done = false](std::string& into) mutable {
    if (done || text.empty()) return false;
    done = true;
    into += text;
    return true;
  };
}

CsvTable::CsvTable(std::string_view text, const std::string& name) {
  CsvReader reader(csv_source(text), name);
  titles_ = reader.titles();
  while (reader.next()) {
    records_.push_back(reader.fields());
    lines_.push_back(reader.line());
  }
}

std::optional<std::size_t> CsvTable::column(std::string_view title) const {
  return find(titles_, title);
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

void CsvSheet::add(std::string_view table, Row row) {
  std::vector<std::string> fields(titles_.size());
  fields.front() = table;
  for (auto& [title, value] : row) {
    auto at = find(titles_, title);
    if (!at) {
      at = titles_.size();
      titles_.push_back(title);
      fields.emplace_back();
    }
    fields[*at] = std::move(value);
  }
  rows_.push_back(std::move(fields));
}

std::string CsvSheet::text() const {
  const auto line = [this](const std::vector<std::string>& fields) {
    std::vector<std::string> quoted;
    for (const std::string& field : fields) quoted.push_back(csv_field(field));
    quoted.resize(titles_.size());
    return fmt::format("{}\n", fmt::join(quoted, ","));
  };
  std::string all = line(titles_);
  for (const auto& row : rows_) all += line(row);
  return all;
}

}  // namespace isobar
