// Predicts every run of a file and says how far off it is: per row, and summed up per class, source
// family, chip and scale. Rows that cannot be modelled are named with the reason, never dropped.
// Rows come and go one after the other; of each a few numbers per sum are kept, so that a million
// of them cost neither gigabytes nor one core alone.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/terminal.h"
#include "plan/calibration/predict.h"
#include "plan/calibration/runs.h"

namespace isobar::plan {

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

/// Predicts what `next` gives until it gives no more, on `threads` processors (0: all), and hands
/// each row on in their order.
void validate(const std::function<bool(Run&)>& next, const Coefficients& coefficients,
              unsigned threads, const std::function<void(const ValidatedRun&)>& each);
[[nodiscard]] std::vector<ValidatedRun> validate(const std::vector<Run>& runs,
                                                 const Coefficients& coefficients);

/// Absolute errors of a group of runs.
struct ErrorSummary {
  std::string group;  // "class", "family", "chip", "chips", "calibration"
  std::string name;
  std::size_t rows = 0;
  double median_percent = 0, mean_percent = 0;
  double bias_percent = 0;     // median of the signed errors
  double covered_percent = 0;  // of the rows, inside their interval
};
enum class Half : std::uint8_t { kBoth, kFitted, kOther };

/// What rows add up to.
class ErrorTally {
 public:
  void add(const ValidatedRun& run);
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t modelled() const { return modelled_; }
  /// Why rows could not be modelled, and how many; after so many reasons the rest are one.
  [[nodiscard]] const std::map<std::string, std::size_t>& reasons() const { return reasons_; }
  [[nodiscard]] std::vector<ErrorSummary> summaries(Half half) const;

 private:
  struct Errors {
    std::vector<float> percent;  // signed
    std::size_t covered = 0;
  };
  std::map<std::pair<std::string, std::string>, std::array<Errors, 2>> groups_;  // [1]: fitted
  std::map<std::string, std::size_t> reasons_;
  std::size_t rows_ = 0, modelled_ = 0;
};
[[nodiscard]] std::vector<ErrorSummary> summarise(const std::vector<ValidatedRun>& runs, Half half);

/// One JSON object for each row, a line each, and one last with the key "summary".
[[nodiscard]] std::string validated_json(const ValidatedRun& run);
[[nodiscard]] std::string summary_json(const ErrorTally& tally);
/// The same as CSV: the names, a line for each row, and the lines of the sums (column `table`).
[[nodiscard]] std::string validated_csv_head();
[[nodiscard]] std::string validated_csv(const ValidatedRun& run);
[[nodiscard]] std::string summary_csv(const ErrorTally& tally);
/// Tables of the sums, for people. No line is wider than `columns`.
[[nodiscard]] std::string summary_text(const ErrorTally& tally, std::size_t columns = kAnyWidth);

}  // namespace isobar::plan
