// Predicts every run of a file and says how far off it is: per row, and summed up per class, source
// family, chip and scale. Rows that cannot be modelled are named with the reason, never dropped.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cluster/predict.h"
#include "cluster/runs.h"

namespace isobar::cluster {

struct ValidatedRun {
  Run run;
  std::variant<RunSetting, Unmodelled> setting;
  Prediction prediction;  // of a modelled one
  bool fitted = false;    // in the half the coefficients were fitted on

  [[nodiscard]] bool is_modelled() const { return std::holds_alternative<RunSetting>(setting); }
  [[nodiscard]] double measured() const { return std::get<RunSetting>(setting).measured; }
  /// Signed, of the prediction against the measurement.
  [[nodiscard]] double error_percent() const {
    return 100 * (prediction.step.seconds / measured() - 1);
  }
  [[nodiscard]] bool is_covered() const {
    return prediction.low <= measured() && measured() <= prediction.high;
  }
};

[[nodiscard]] std::vector<ValidatedRun> validate(const std::vector<Run>& runs,
                                                 const Coefficients& coefficients);

/// Absolute errors of a group of runs.
struct ErrorSummary {
  std::string group;  // "class", "family", "chip", "chips"
  std::string name;
  std::size_t rows = 0;
  double median_percent = 0, mean_percent = 0;
  double bias_percent = 0;     // median of the signed errors
  double covered_percent = 0;  // of the rows, inside their interval
};
enum class Half : std::uint8_t { kBoth, kFitted, kOther };
[[nodiscard]] std::vector<ErrorSummary> summarise(const std::vector<ValidatedRun>& runs, Half half);

/// One JSON object per line: a row each, then one with the key "summary".
[[nodiscard]] std::string validation_json(const std::vector<ValidatedRun>& runs);
/// Tables, for people.
[[nodiscard]] std::string validation_text(const std::vector<ValidatedRun>& runs);

}  // namespace isobar::cluster
