#include "plan/calibration/fit.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text/nearest.h"

namespace isobar::plan {
namespace {

std::vector<double> weights_of(const std::vector<RunSetting>& runs) {
  std::map<std::string, double> counts;
  const auto key = [](const RunSetting& run) {
    return run.family + run.chip.name + (run.shape.has_experts() ? "+" : "");
  };
  for (const RunSetting& run : runs) ++counts[key(run)];
  std::vector<double> weights;
  std::map<RunClass, double> sums;
  const auto kind = [](const RunSetting& run) { return class_of(run.shape, run.layout.chips()); };
  for (const RunSetting& run : runs) {
    weights.push_back(1 / std::sqrt(counts[key(run)]));
    sums[kind(run)] += weights.back();
  }
  for (std::size_t i = 0; i < runs.size(); ++i)
    weights[i] /= sums[kind(runs[i])] * static_cast<double>(sums.size());
  return weights;
}

class Objective {
 public:
  Objective(const std::vector<RunSetting>& runs, const Coefficients& start, double pull)
      : runs_(runs), weights_(weights_of(runs)), start_(start), pull_(pull) {}

  double operator()(const Coefficients& coefficients) const {
    double sum = 0;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const double predicted = predict(runs_[i], coefficients).step.seconds;
      sum += weights_[i] * std::abs(std::log(predicted / runs_[i].measured));
    }
    for (const CoefficientRow& row : coefficient_rows())
      sum += pull_ * std::abs(row.in(coefficients)-row.in(start_)) / (row.high - row.low);
    return sum;
  }

 private:
  const std::vector<RunSetting>& runs_;
  std::vector<double> weights_;
  const Coefficients& start_;
  double pull_;
};

bool matters(const std::vector<RunSetting>& runs, const CoefficientRow& row) {
  if (row.of_all != nullptr) return true;
  return std::ranges::any_of(
      runs, [&](const RunSetting& run) { return run.chip.generation == row.generation; });
}

}  // namespace

void check_held(const std::vector<std::string>& held) {
  std::vector<std::string> names;
  for (const CoefficientRow& row : coefficient_rows()) names.push_back(row.name);
  for (const std::string& name : held) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string near = did_you_mean(name, names);
    fail("--hold {}: no coefficient is called so ({} file that --fit writes has them all)", name,
         near.empty() ? "a" : near + " A");
  }
}

FitResult fit(const std::vector<RunSetting>& runs, const Coefficients& start,
              const FitOptions& options, const std::function<void(unsigned, double)>& progress) {
  const Objective objective(runs, start, options.pull);
  FitResult result{start, objective(start), 0};
  double best = result.before;
  double step = 0.2;  // of a coefficient's range
  for (unsigned round = 0; round < options.rounds; ++round) {
    const double entered = best;
    for (const CoefficientRow& row : coefficient_rows()) {
      if (!matters(runs, row) || std::ranges::find(options.held, row.name) != options.held.end())
        continue;
      for (const double direction : {1.0, -1.0}) {
        Coefficients tried = result.coefficients;
        double& value = row.in(tried);
        value = std::clamp(value + direction * step * (row.high - row.low), row.low, row.high);
        const double reached = objective(tried);
        if (reached >= best) continue;
        best = reached;
        result.coefficients = tried;
        break;
      }
    }
    if (entered - best < 0.002 * entered) step /= 2;
    progress(round, best);
  }
  result.after = best;
  return result;
}

std::uint32_t hash_of_id(std::string_view id) {
  std::uint32_t hash = 2166136261U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

bool in_fitted_half(std::string_view id) { return ((hash_of_id(id) >> 8U) & 1U) == 0; }

}  // namespace isobar::plan
