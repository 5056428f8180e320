#include "cluster/conformal.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace isobar::cluster {
namespace {

constexpr unsigned kFolds = 4;
constexpr unsigned kRounds = 8;  // from the fit to all: a fold moves it little
/// For a promise of 80 %: folds hold rows of every source, while a source that nobody has seen is
/// further off.
constexpr double kAimed = 0.84;

/// By a hash of the id, on other bits than the choice of the fitted half.
unsigned fold_of(const RunSetting& run) { return (hash_of_id(run.id) >> 16U) % kFolds; }

/// The smallest ratio at or below which `share` of the weight lies; `sorted` ascending.
double quantile(const std::vector<Residual>& sorted, double share) {
  double all = 0;
  for (const Residual& residual : sorted) all += residual.weight;
  double below = 0;
  for (const Residual& residual : sorted) {
    below += residual.weight;
    if (below >= share * all * (1 - 1e-12)) return residual.ratio;
  }
  return sorted.back().ratio;
}

/// A source's runs together weigh the root of their number.
void weigh(const std::vector<RunSetting>& runs, RunClass run_class,
           std::vector<Residual>& residuals, const std::vector<double>& ratios) {
  std::map<std::string, double> counts;
  const auto is_of_class = [&](const RunSetting& run) {
    return class_of(run.shape, run.layout.chips()) == run_class;
  };
  for (const RunSetting& run : runs)
    if (is_of_class(run)) ++counts[run.family];
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (is_of_class(runs[i]))
      residuals.push_back({ratios[i], 1 / std::sqrt(counts[runs[i].family])});
}

}  // namespace

Coefficients::Spread conformal_spread(std::vector<Residual> residuals, double share) {
  std::ranges::sort(residuals, {}, &Residual::ratio);
  double sum = 0;
  double squares = 0;
  for (const Residual& residual : residuals) {
    sum += residual.weight;
    squares += residual.weight * residual.weight;
  }
  const double effective = sum * sum / squares;  // draws of equal weight that tell as much
  const double tail = (1 + share) / 2 * (1 + 1 / effective);
  Coefficients::Spread spread;
  spread.high = std::max(1.0, quantile(residuals, tail));
  std::ranges::reverse(residuals);
  spread.low = std::min(1.0, quantile(residuals, tail));
  return spread;
}

void calibrate_spread(const std::vector<RunSetting>& runs, FitOptions options,
                      Coefficients& coefficients, const std::function<void(unsigned)>& progress) {
  options.rounds = std::min(options.rounds, kRounds);
  std::vector<double> ratios(runs.size(), 1);
  for (unsigned fold = 0; fold < kFolds; ++fold) {
    std::vector<RunSetting> others;
    for (const RunSetting& run : runs)
      if (fold_of(run) != fold) others.push_back(run);
    const Coefficients fitted =
        fit(others, coefficients, options, [](unsigned, double) {}).coefficients;
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (fold_of(runs[i]) == fold)
        ratios[i] = runs[i].measured / predict(runs[i], fitted).step.seconds;
    progress(fold);
  }
  for (std::size_t c = 0; c < coefficients.spread.size(); ++c) {
    std::vector<Residual> residuals;
    weigh(runs, static_cast<RunClass>(c), residuals, ratios);
    constexpr std::size_t kFewest = 8;
    if (residuals.size() >= kFewest)
      coefficients.spread.at(c) = conformal_spread(std::move(residuals), kAimed);
  }
}

}  // namespace isobar::cluster
