#include "plan/calibration/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "plan/calibration/fit.h"

namespace isobar::plan {
namespace {

std::string scale_of(std::uint32_t chips) {
  for (const auto& [most, name] : {std::pair{8U, "1-8"}, std::pair{64U, "9-64"},
                                   std::pair{512U, "65-512"}, std::pair{2048U, "513-2048"}})
    if (chips <= most) return name;
  return "over 2048";
}

double median(std::vector<float> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return static_cast<double>(values[middle]);
  return (static_cast<double>(values[middle - 1]) + static_cast<double>(values[middle])) / 2;
}

ErrorSummary summary_of(std::string group, std::string name, std::vector<float> errors,
                        std::size_t covered) {
  ErrorSummary summary{std::move(group), std::move(name), errors.size()};
  const auto count = static_cast<double>(errors.size());
  summary.bias_percent = median(errors);
  double sum = 0;
  for (float& error : errors) {
    error = std::abs(error);
    sum += static_cast<double>(error);
  }
  summary.median_percent = median(std::move(errors));
  summary.mean_percent = sum / count;
  summary.covered_percent = 100 * static_cast<double>(covered) / count;
  return summary;
}

ValidatedRun validated(Run&& run, const Coefficients& coefficients) {
  auto setting = setting_of(run);
  ValidatedRun row{std::move(run), std::move(setting), {}, false};
  row.fitted = in_fitted_half(row.run.id);
  if (const auto* modelled = std::get_if<RunSetting>(&row.setting))
    row.prediction = predict(*modelled, coefficients);
  return row;
}

/// Rows that are read, predicted by all, and handed on.
constexpr std::size_t kBatch = 1024;
/// Reasons that rows may give: a file of a million unknown chips is still one file.
constexpr std::size_t kMostReasons = 1000;

}  // namespace

void validate(const std::function<bool(Run&)>& next, const Coefficients& coefficients,
              unsigned threads, const std::function<void(const ValidatedRun&)>& each) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Run> runs;
  bool is_over = false;
  while (!is_over) {
    runs.clear();
    for (Run run; runs.size() < kBatch && !(is_over = !next(run));) runs.push_back(std::move(run));
    std::vector<ValidatedRun> rows(runs.size());
    std::atomic<std::size_t> at{0};
    const auto work = [&] {
      for (std::size_t i = at++; i < rows.size(); i = at++)
        rows[i] = validated(std::move(runs[i]), coefficients);
    };
    {
      std::vector<std::jthread> others;
      for (unsigned i = 1; i < std::min<std::size_t>(threads, rows.size()); ++i)
        others.emplace_back(work);
      work();
    }
    for (const ValidatedRun& row : rows) each(row);
  }
}

std::vector<ValidatedRun> validate(const std::vector<Run>& runs, const Coefficients& coefficients) {
  std::vector<ValidatedRun> rows;
  rows.reserve(runs.size());
  std::size_t at = 0;
  validate(
      [&](Run& run) {
        if (at == runs.size()) return false;
        run = runs[at++];
        return true;
      },
      coefficients, 1, [&](const ValidatedRun& row) { rows.push_back(row); });
  return rows;
}

void ErrorTally::add(const ValidatedRun& run) {
  ++rows_;
  if (!run.is_modelled()) {
    const std::string& reason = std::get<Unmodelled>(run.setting).reason;
    const bool is_kept = reasons_.size() < kMostReasons || reasons_.contains(reason);
    ++reasons_[is_kept ? reason : "other reasons"];
    return;
  }
  ++modelled_;
  const RunSetting& setting = std::get<RunSetting>(run.setting);
  const std::uint32_t chips = setting.layout.chips();
  const bool is_beyond = !run.prediction.beyond.empty();
  const std::string calibration(is_beyond ? "none like it" : "runs like it");
  for (const auto& [group, name] :
       {std::pair{"class", std::string(name_of(class_of(setting.shape, chips)))},
        std::pair{"family", setting.family}, std::pair{"chip", setting.chip.name},
        std::pair{"chips", scale_of(chips)}, std::pair{"calibration", calibration}}) {
    Errors& errors = groups_[{group, name}].at(run.fitted ? 1 : 0);
    errors.percent.push_back(static_cast<float>(run.error_percent()));
    if (run.is_covered()) ++errors.covered;
  }
}

std::vector<ErrorSummary> ErrorTally::summaries(Half half) const {
  std::vector<ErrorSummary> list;
  for (const auto& [key, halves] : groups_) {
    std::vector<float> errors;
    std::size_t covered = 0;
    for (std::size_t fitted = 0; fitted < 2; ++fitted) {
      if (half != Half::kBoth && (half == Half::kFitted) != (fitted == 1)) continue;
      const Errors& part = halves.at(fitted);
      errors.insert(errors.end(), part.percent.begin(), part.percent.end());
      covered += part.covered;
    }
    if (!errors.empty())
      list.push_back(summary_of(key.first, key.second, std::move(errors), covered));
  }
  return list;
}

std::vector<ErrorSummary> summarise(const std::vector<ValidatedRun>& runs, Half half) {
  ErrorTally tally;
  for (const ValidatedRun& run : runs) tally.add(run);
  return tally.summaries(half);
}

}  // namespace isobar::plan
