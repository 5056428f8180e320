#include "plan/calibration/conformal.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace isobar::plan {
namespace {

constexpr unsigned kFolds = 4;
constexpr unsigned kRounds = 8;  // from the fit to all: a fold moves it little

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

}  // namespace

std::vector<Residual> weighed(const std::vector<const RunSetting*>& runs,
                              const std::vector<double>& ratios) {
  std::map<std::string, double> counts;
  for (const RunSetting* run : runs) ++counts[run->family];
  std::vector<Residual> residuals;
  for (std::size_t i = 0; i < runs.size(); ++i)
    residuals.push_back({ratios[i], 1 / std::sqrt(counts[runs[i]->family])});
  return residuals;
}

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
    std::vector<const RunSetting*> of_class;
    std::vector<double> their_ratios;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (class_of(runs[i].shape, runs[i].layout.chips()) != static_cast<RunClass>(c)) continue;
      of_class.push_back(&runs[i]);
      their_ratios.push_back(ratios[i]);
    }
    if (of_class.size() >= kFewestResiduals)
      coefficients.spread.at(c) = conformal_spread(weighed(of_class, their_ratios), kAimedShare);
  }
}

}  // namespace isobar::plan
