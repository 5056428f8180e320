#include "bench/row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_document.h"

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

void Printer::print(const Row& row) {
  if (json_) {
    fmt::print("{}\n", to_json(row));
  } else {
    if (!header_)
      fmt::print("{:<44} {:>10} {:<24} {:>10} {:>7}  {}\n", "benchmark", "value", "unit", "peer's",
                 "ratio", "peer");
    header_ = true;
    const auto number = [](std::optional<double> value) {
      return value ? fmt::format("{:.4g}", *value) : std::string("-");
    };
    fmt::print("{:<44} {:>10} {:<24} {:>10} {:>7}  {}\n", row.suite + " " + row.name,
               number(row.value), row.unit, number(row.peer_value),
               row.ratio ? fmt::format("{:.3f}", *row.ratio) : "-", row.peer);
  }
  std::fflush(stdout);  // a suite takes minutes; each row is wanted when it is known
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
