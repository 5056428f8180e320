#include "cluster/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "cluster/fit.h"

namespace isobar::cluster {
namespace {

using Json = nlohmann::ordered_json;

std::string scale_of(std::uint32_t chips) {
  for (const auto& [most, name] : {std::pair{8U, "1-8"}, std::pair{64U, "9-64"},
                                   std::pair{512U, "65-512"}, std::pair{2048U, "513-2048"}})
    if (chips <= most) return name;
  return "over 2048";
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

ErrorSummary summary_of(std::string group, std::string name,
                        const std::vector<const ValidatedRun*>& runs) {
  ErrorSummary summary{std::move(group), std::move(name), runs.size()};
  std::vector<double> absolute;
  std::vector<double> signed_errors;
  double covered = 0;
  double sum = 0;
  for (const ValidatedRun* run : runs) {
    signed_errors.push_back(run->error_percent());
    absolute.push_back(std::abs(signed_errors.back()));
    sum += absolute.back();
    if (run->is_covered()) ++covered;
  }
  const auto count = static_cast<double>(runs.size());
  summary.median_percent = median(absolute);
  summary.mean_percent = sum / count;
  summary.bias_percent = median(signed_errors);
  summary.covered_percent = 100 * covered / count;
  return summary;
}

Json to_json(const ErrorSummary& s) {
  const auto rounded = [](double value) { return std::round(value * 100) / 100; };
  return {{"group", s.group},
          {"name", s.name},
          {"rows", s.rows},
          {"median_error_pct", rounded(s.median_percent)},
          {"mean_error_pct", rounded(s.mean_percent)},
          {"bias_pct", rounded(s.bias_percent)},
          {"covered_pct", rounded(s.covered_percent)}};
}

Json row_json(const ValidatedRun& run) {
  Json row{{"id", run.run.id}, {"family", run.run.family()}, {"chip", run.run.chip}};
  if (run.run.n_chips) row["n_chips"] = static_cast<std::uint64_t>(*run.run.n_chips);
  if (!run.is_modelled()) {
    row["unmodelled"] = std::get<Unmodelled>(run.setting).reason;
    return row;
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
  return row;
}

std::map<std::string, std::size_t> unmodelled_reasons(const std::vector<ValidatedRun>& runs) {
  std::map<std::string, std::size_t> reasons;
  for (const ValidatedRun& run : runs)
    if (!run.is_modelled()) ++reasons[std::get<Unmodelled>(run.setting).reason];
  return reasons;
}

}  // namespace

std::vector<ValidatedRun> validate(const std::vector<Run>& runs, const Coefficients& coefficients) {
  std::vector<ValidatedRun> validated;
  validated.reserve(runs.size());
  for (const Run& run : runs) {
    ValidatedRun row{run, setting_of(run), {}, in_fitted_half(run.id)};
    if (const auto* setting = std::get_if<RunSetting>(&row.setting))
      row.prediction = predict(*setting, coefficients);
    validated.push_back(std::move(row));
  }
  return validated;
}

std::vector<ErrorSummary> summarise(const std::vector<ValidatedRun>& runs, Half half) {
  std::map<std::pair<std::string, std::string>, std::vector<const ValidatedRun*>> groups;
  for (const ValidatedRun& run : runs) {
    if (!run.is_modelled()) continue;
    if (half != Half::kBoth && run.fitted != (half == Half::kFitted)) continue;
    const RunSetting& setting = std::get<RunSetting>(run.setting);
    const std::uint32_t chips = setting.layout.chips();
    const RunClass kind = class_of(setting.shape, chips);
    groups[{"class", std::string(name_of(kind))}].push_back(&run);
    groups[{"family", setting.family}].push_back(&run);
    groups[{"chip", setting.chip.name}].push_back(&run);
    groups[{"chips", scale_of(chips)}].push_back(&run);
  }
  std::vector<ErrorSummary> summaries;
  summaries.reserve(groups.size());
  for (const auto& [key, members] : groups)
    summaries.push_back(summary_of(key.first, key.second, members));
  return summaries;
}

std::string validation_json(const std::vector<ValidatedRun>& runs) {
  std::string text;
  std::size_t modelled = 0;
  for (const ValidatedRun& run : runs) {
    text += json_text(row_json(run)) + "\n";
    if (run.is_modelled()) ++modelled;
  }
  Json summary{{"rows", runs.size()},
               {"modelled", modelled},
               {"unmodelled", runs.size() - modelled},
               {"unmodelled_reasons", unmodelled_reasons(runs)}};
  const std::array kHalves{std::pair{"all", Half::kBoth}, std::pair{"fitted_half", Half::kFitted},
                           std::pair{"other_half", Half::kOther}};
  for (const auto& [name, half] : kHalves) {
    Json list = Json::array();
    for (const ErrorSummary& group : summarise(runs, half)) list.push_back(to_json(group));
    summary[name] = std::move(list);
  }
  return text + json_text(Json{{"summary", std::move(summary)}}) + "\n";
}

std::string validation_text(const std::vector<ValidatedRun>& runs) {
  std::string text;
  const std::array kHalves{std::pair{"Rows the coefficients were not fitted on", Half::kOther},
                           std::pair{"Rows the coefficients were fitted on", Half::kFitted}};
  for (const auto& [title, half] : kHalves) {
    const auto groups = summarise(runs, half);
    if (groups.empty()) continue;
    text += fmt::format("{}\n  {:<24}{:>6}{:>10}{:>10}{:>10}{:>12}\n", title, "", "rows",
                        "median %", "mean %", "bias %", "in interval");
    for (const ErrorSummary& s : groups)
      text += fmt::format("  {:<24}{:>6}{:>10.1f}{:>10.1f}{:>+10.1f}{:>11.0f}%\n",
                          s.group + " " + s.name, s.rows, s.median_percent, s.mean_percent,
                          s.bias_percent, s.covered_percent);
    text += "\n";
  }
  for (const auto& [reason, count] : unmodelled_reasons(runs))
    text += fmt::format("not modelled: {:>4}  {}\n", count, reason);
  return text;
}

}  // namespace isobar::cluster
