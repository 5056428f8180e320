#include "cluster/csv.h"

#include <algorithm>

#include "base/error.h"

namespace isobar::cluster {
namespace {

/// Cuts text into records, one after the other.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  /// Nothing at the end of the text.
  std::optional<std::vector<std::string>> record() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) advance();
    if (at_ >= text_.size()) return std::nullopt;
    start_ = line_;
    std::vector<std::string> fields;
    do fields.push_back(field());
    while (take(','));
    return fields;
  }
  [[nodiscard]] std::size_t start() const { return start_; }

 private:
  void advance() {
    if (text_[at_] == '\n') ++line_;
    ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    advance();
    return true;
  }
  std::string field() {
    std::string value;
    if (!take('"')) {
      for (; at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n'; advance())
        if (text_[at_] != '\r') value += text_[at_];
      return value;
    }
    const std::size_t opened = line_;
    while (true) {
      if (at_ >= text_.size()) fail("{}:{}: a quote is never closed", name_, opened);
      const char c = text_[at_];
      advance();
      if (c != '"') {
        value += c;
      } else if (!take('"')) {
        break;
      } else {
        value += '"';
      }
    }
    while (take('\r')) {}
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n')
      fail("{}:{}: text after a closing quote (double quotes inside quotes)", name_, line_);
    return value;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0, line_ = 1, start_ = 1;
};

}  // namespace

CsvTable::CsvTable(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(text, name);
  auto titles = reader.record();
  if (!titles) fail("{}: empty (the first line must name the columns)", name);
  titles_ = std::move(*titles);
  while (auto record = reader.record()) {
    if (record->size() != titles_.size())
      fail("{}:{}: {} fields, but the first line names {} columns", name, reader.start(),
           record->size(), titles_.size());
    records_.push_back(std::move(*record));
    lines_.push_back(reader.start());
  }
}

std::optional<std::size_t> CsvTable::column(std::string_view title) const {
  const auto found = std::ranges::find(titles_, title);
  if (found == titles_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - titles_.begin());
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

}  // namespace isobar::cluster
