// One result of a benchmark, and how results are printed: a table, or JSON lines.
#pragma once

#include <optional>
#include <string>
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

/// Prints rows as they come.
class Printer {
 public:
  explicit Printer(bool json) : json_(json) {}
  void print(const Row& row);

 private:
  bool json_;
  bool header_ = false;
};

[[nodiscard]] double median(std::vector<double> values);
[[nodiscard]] double geometric_mean(const std::vector<double>& values);

}  // namespace isobar::bench
