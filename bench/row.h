// One result of a benchmark, and how results are printed: a table, or JSON lines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace isobar::bench {

struct Row {
  std::string suite;
  std::string name;
  double value = 0;
  std::string unit;
  std::string peer{};  // empty: there is nothing to compare with
  std::optional<double> peer_value{};
  std::optional<double> ratio{};  // value / peer_value, or the median of paired ratios
};

/// {"suite","name","value","unit","peer","peer_value","ratio"}, absent ones null, on one line.
[[nodiscard]] std::string to_json(const Row& row);

/// The same as a line of CSV, absent values empty; and the line of names.
[[nodiscard]] std::string to_csv(const Row& row);
[[nodiscard]] std::string csv_head();

using RowWriter = std::function<void(std::string_view)>;

/// Prints rows as they come: for a person, with `json` as lines of JSON; and as CSV to `csv`, if
/// any, with `csv_alone` in place of all that.
class Printer {
 public:
  explicit Printer(bool json, RowWriter csv = {}, bool csv_alone = false)
      : json_(json), csv_alone_(csv_alone), csv_(std::move(csv)) {}
  void print(const Row& row);

 private:
  void print_text(const Row& row);

  bool json_, csv_alone_;
  RowWriter csv_;
  bool header_ = false, csv_header_ = false;
};

[[nodiscard]] double median(std::vector<double> values);
[[nodiscard]] double geometric_mean(const std::vector<double>& values);

}  // namespace isobar::bench
