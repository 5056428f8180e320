#include "bench/row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_document.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "base/text/csv.h"

namespace isobar::bench {

std::string to_json(const Row& row) {
  nlohmann::ordered_json json{
      {"suite", row.suite}, {"name", row.name}, {"value", row.value}, {"unit", row.unit}};
  json["peer"] = row.peer.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.peer);
  json["peer_value"] = nullptr;
  json["ratio"] = nullptr;
  if (row.peer_value) json["peer_value"] = *row.peer_value;
  if (row.ratio) json["ratio"] = *row.ratio;
  return json_document(std::move(json));
}

std::string csv_head() { return "suite,name,value,unit,peer,peer_value,ratio\n"; }

std::string to_csv(const Row& row) {
  const auto number = [](std::optional<double> value) {
    return value ? csv_number(*value) : std::string();
  };
  return fmt::format("{},{},{},{},{},{},{}\n", csv_field(row.suite), csv_field(row.name),
                     csv_number(row.value), csv_field(row.unit), csv_field(row.peer),
                     number(row.peer_value), number(row.ratio));
}

void Printer::print(const Row& row) {
  if (csv_) {
    if (!csv_header_) csv_(csv_head());
    csv_header_ = true;
    csv_(to_csv(row));
  }
  if (json_)
    fmt::print("{}\n", to_json(row));
  else if (!csv_alone_)
    print_text(row);
  std::fflush(stdout);  // a suite takes minutes; each row is wanted when it is known
}

void Printer::print_text(const Row& row) {
  constexpr unsigned kWide = 128;  // what the columns need; below it a row takes two lines
  const bool narrow = table_columns() < kWide;
  const std::string gap = narrow ? "\n   " : "";
  const auto line = [&](std::string_view name, std::string_view value, std::string_view unit,
                        std::string_view peers, std::string_view ratio, std::string_view peer) {
    const std::string text = fmt::format("{:<{}}{} {:>10} {:<24} {:>10} {:>7}  {}\n", name,
                                         narrow ? 0 : 44, gap, value, unit, peers, ratio, peer);
    fmt::print("{}", fitted(text, table_columns()));
  };
  if (!header_) line("benchmark", "value", "unit", "peer's", "ratio", "peer");
  header_ = true;
  const auto number = [](std::optional<double> value) {
    return value ? fmt::format("{:.4g}", *value) : std::string("-");
  };
  line(row.suite + " " + row.name, number(row.value), row.unit, number(row.peer_value),
       row.ratio ? fmt::format("{:.3f}", *row.ratio) : "-", row.peer);
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double geometric_mean(const std::vector<double>& values) {
  if (values.empty()) return std::nan("");
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace isobar::bench
