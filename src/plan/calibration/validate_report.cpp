// Measured runs against predicted ones, as text, JSON and CSV.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_document.h"
#include "base/text/columns.h"
#include "base/text/csv.h"
#include "plan/calibration/validate.h"

namespace isobar::plan {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kHalves{std::pair{"all", Half::kBoth}, std::pair{"fitted_half", Half::kFitted},
                             std::pair{"other_half", Half::kOther}};

double rounded(double value) { return std::round(value * 100) / 100; }

Json to_json(const ErrorSummary& s) {
  return {{"group", s.group},
          {"name", s.name},
          {"rows", s.rows},
          {"median_error_pct", rounded(s.median_percent)},
          {"mean_error_pct", rounded(s.mean_percent)},
          {"bias_pct", rounded(s.bias_percent)},
          {"covered_pct", rounded(s.covered_percent)}};
}

std::string dumped(const Json& json) { return json_document(json) + "\n"; }

/// Of all lines of CSV; `table` is run, summary or not modelled.
constexpr std::array<std::string_view, 24> kColumns{"table",          "id",
                                                    "family",         "chip",
                                                    "n_chips",        "class",
                                                    "fitted",         "measured_s",
                                                    "predicted_s",    "low_s",
                                                    "high_s",         "error_pct",
                                                    "covered",        "layout",
                                                    "memory_gb",      "warnings",
                                                    "not_modelled",   "half",
                                                    "group",          "name",
                                                    "rows",           "median_error_pct",
                                                    "mean_error_pct", "covered_pct"};

std::string csv_line(const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::vector<std::string> fields(kColumns.size());
  for (const auto& [name, value] : values)
    for (std::size_t i = 0; i < kColumns.size(); ++i)
      if (kColumns.at(i) == name) fields[i] = csv_field(value);
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace

std::string validated_json(const ValidatedRun& run) {
  Json row{{"id", run.run.id}, {"family", run.run.family()}, {"chip", run.run.chip}};
  if (run.run.n_chips) row["n_chips"] = static_cast<std::uint64_t>(*run.run.n_chips);
  if (!run.is_modelled()) {
    row["unmodelled"] = std::get<Unmodelled>(run.setting).reason;
    return dumped(row);
  }
  const RunSetting& setting = std::get<RunSetting>(run.setting);
  row["measured_s"] = run.measured();
  row["predicted_s"] = run.prediction.step.seconds;
  row["low_s"] = run.prediction.low;
  row["high_s"] = run.prediction.high;
  row["error_pct"] = run.error_percent();
  row["class"] = name_of(class_of(setting.shape, setting.layout.chips()));
  row["fitted"] = run.fitted;
  row["layout"] = run.prediction.layout.describe();
  row["memory_gb"] = run.prediction.memory / 1e9;
  if (!run.prediction.warnings.empty()) row["outside_calibration"] = run.prediction.warnings;
  return dumped(row);
}

std::string summary_json(const ErrorTally& tally) {
  Json summary{{"rows", tally.rows()},
               {"modelled", tally.modelled()},
               {"unmodelled", tally.rows() - tally.modelled()},
               {"unmodelled_reasons", tally.reasons()}};
  for (const auto& [name, half] : kHalves) {
    Json list = Json::array();
    for (const ErrorSummary& group : tally.summaries(half)) list.push_back(to_json(group));
    summary[name] = std::move(list);
  }
  return dumped(Json{{"summary", std::move(summary)}});
}

std::string validated_csv_head() { return fmt::format("{}\n", fmt::join(kColumns, ",")); }

std::string validated_csv(const ValidatedRun& run) {
  const std::string chips = run.run.n_chips ? csv_number(*run.run.n_chips) : std::string();
  if (!run.is_modelled())
    return csv_line({{"table", "run"},
                     {"id", run.run.id},
                     {"family", run.run.family()},
                     {"chip", run.run.chip},
                     {"n_chips", chips},
                     {"not_modelled", std::get<Unmodelled>(run.setting).reason}});
  const RunSetting& setting = std::get<RunSetting>(run.setting);
  return csv_line({{"table", "run"},
                   {"id", run.run.id},
                   {"family", run.run.family()},
                   {"chip", run.run.chip},
                   {"n_chips", chips},
                   {"class", std::string(name_of(class_of(setting.shape, setting.layout.chips())))},
                   {"fitted", run.fitted ? "true" : "false"},
                   {"measured_s", csv_number(run.measured())},
                   {"predicted_s", csv_number(run.prediction.step.seconds)},
                   {"low_s", csv_number(run.prediction.low)},
                   {"high_s", csv_number(run.prediction.high)},
                   {"error_pct", csv_number(run.error_percent())},
                   {"covered", run.is_covered() ? "true" : "false"},
                   {"layout", run.prediction.layout.describe()},
                   {"memory_gb", csv_number(run.prediction.memory / 1e9)},
                   {"warnings", fmt::format("{}", fmt::join(run.prediction.warnings, "; "))}});
}

std::string summary_csv(const ErrorTally& tally) {
  std::string text;
  for (const auto& [name, half] : kHalves)
    for (const ErrorSummary& s : tally.summaries(half))
      text += csv_line({{"table", "summary"},
                        {"half", name},
                        {"group", s.group},
                        {"name", s.name},
                        {"rows", std::to_string(s.rows)},
                        {"median_error_pct", csv_number(rounded(s.median_percent))},
                        {"mean_error_pct", csv_number(rounded(s.mean_percent))},
                        {"error_pct", csv_number(rounded(s.bias_percent))},
                        {"covered_pct", csv_number(rounded(s.covered_percent))}});
  for (const auto& [reason, count] : tally.reasons())
    text += csv_line(
        {{"table", "not modelled"}, {"rows", std::to_string(count)}, {"not_modelled", reason}});
  return text;
}

std::string summary_text(const ErrorTally& tally, std::size_t columns) {
  std::string text;
  const std::array kTitles{std::pair{"Rows the coefficients were not fitted on", Half::kOther},
                           std::pair{"Rows the coefficients were fitted on", Half::kFitted}};
  for (const auto& [title, half] : kTitles) {
    const auto groups = tally.summaries(half);
    if (groups.empty()) continue;
    TextTable table({{.title = "", .is_left = true, .least = 24},
                     {.title = "rows", .least = 6},
                     {.title = "median %", .least = 10},
                     {.title = "mean %", .least = 10},
                     {.title = "bias %", .least = 10},
                     {.title = "in interval", .least = 12}},
                    TextTable::Narrow::kBeside, 2);
    for (const ErrorSummary& s : groups)
      table.add({s.group + " " + s.name, std::to_string(s.rows),
                 fmt::format("{:.1f}", s.median_percent), fmt::format("{:.1f}", s.mean_percent),
                 fmt::format("{:+.1f}", s.bias_percent),
                 fmt::format("{:.0f}%", s.covered_percent)});
    text += fmt::format("{}\n{}\n", title, table.text(columns));
  }
  for (const auto& [reason, count] : tally.reasons())
    text += fmt::format("not modelled: {:>4}  {}\n", count, reason);
  return fitted(text, columns);
}

}  // namespace isobar::plan
