#include "plan/calibration/held_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "plan/calibration/conformal.h"

namespace isobar::plan {
namespace {

constexpr unsigned kRounds = 8;

RunClass class_of(const RunSetting& run) { return plan::class_of(run.shape, run.layout.chips()); }

/// What was left out of one fit, and how it was missed.
struct Missed {
  Beyond beyond = Beyond::kChip;
  std::vector<const RunSetting*> runs, judged;
  std::vector<double> ratios;         // measured / predicted, of `runs`
  std::vector<Prediction> predicted;  // of `judged`
};

/// The layouts that the fitted coefficients choose stay: a fit then costs one evaluation a run.
std::vector<RunSetting> frozen(const std::vector<RunSetting>& runs,
                               const Coefficients& coefficients) {
  std::vector<RunSetting> result = runs;
  for (RunSetting& run : result) {
    run.layout = predict(run, coefficients).layout;
    run.open = {};
  }
  return result;
}

/// A chip of a generation that nobody fitted is one of `other`.
RunSetting as_unknown(const RunSetting& run, Beyond beyond) {
  RunSetting unknown = run;
  if (beyond == Beyond::kGeneration) unknown.chip.generation = Generation::kOther;
  return unknown;
}

Missed miss(const HeldOut& group, const std::vector<RunSetting>& runs,
            const std::vector<RunSetting>& fixed, const std::vector<RunSetting>& judge,
            const FitOptions& options) {
  std::vector<RunSetting> others;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (!group.is_part(runs[i])) others.push_back(fixed[i]);
  const Coefficients fitted =
      fit(others, Coefficients{}, options, [](unsigned, double) {}).coefficients;
  Missed missed{group.beyond, {}, {}, {}, {}};
  for (const RunSetting& run : runs) {
    if (!group.is_part(run)) continue;
    const double seconds = predict(as_unknown(run, group.beyond), fitted).step.seconds;
    missed.runs.push_back(&run);
    missed.ratios.push_back(run.measured / seconds);
  }
  for (const RunSetting& run : judge) {
    if (!group.is_part(run)) continue;
    missed.judged.push_back(&run);
    missed.predicted.push_back(predict(as_unknown(run, group.beyond), fitted));
  }
  return missed;
}

using Groups = std::vector<const Missed*>;

Groups of_kind(const std::vector<Missed>& all, Beyond beyond) {
  Groups groups;
  for (const Missed& missed : all)
    if (missed.beyond == beyond) groups.push_back(&missed);
  return groups;
}

Groups without(Groups groups, const Missed* left_out) {
  std::erase(groups, left_out);
  return groups;
}

/// Quantiles of what the groups' runs were missed by.
std::optional<Coefficients::Spread> quantiles_of(const Groups& groups) {
  std::vector<const RunSetting*> runs;
  std::vector<double> ratios;
  for (const Missed* missed : groups) {
    runs.insert(runs.end(), missed->runs.begin(), missed->runs.end());
    ratios.insert(ratios.end(), missed->ratios.begin(), missed->ratios.end());
  }
  if (runs.size() < kFewestResiduals) return std::nullopt;
  return conformal_spread(weighed(runs, ratios), kAimedShare);
}

Coefficients::Spread stretched(const Coefficients::Spread& spread, double factor) {
  return {std::pow(spread.low, factor), std::pow(spread.high, factor)};
}

bool holds(const Coefficients& coefficients, const RunSetting& run,
           const Coefficients::Spread& spread, double ratio) {
  const auto range =
      widened(coefficients.spread.at(static_cast<std::size_t>(class_of(run))), {spread});
  return range.low <= ratio && ratio <= range.high;
}

/// Whether the stretched quantiles of the other groups hold the aimed share of each group's fitted
/// runs, one draw of them more: counting runs, and families as the root of their runs.
bool hold_each_other(const Groups& groups, double factor, const Coefficients& coefficients) {
  double rows = 0, held = 0, weight = 0, weight_held = 0, squares = 0;
  for (const Missed* missed : groups) {
    const auto spread = quantiles_of(without(groups, missed));
    if (!spread) continue;
    const std::vector<Residual> residuals = weighed(missed->runs, missed->ratios);
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      const bool inside =
          holds(coefficients, *missed->runs[i], stretched(*spread, factor), residuals[i].ratio);
      rows += 1;
      weight += residuals[i].weight;
      squares += residuals[i].weight * residuals[i].weight;
      if (inside) held += 1, weight_held += residuals[i].weight;
    }
  }
  if (rows == 0) return true;  // one group has no others
  const double effective = weight * weight / squares;
  return std::min(held / rows, weight_held / weight) >= kAimedShare * (1 + 1 / effective);
}

/// Groups differ by more than runs within one do: quantiles of some miss the next. They are
/// stretched, in logarithms, until each group's runs are held by what the others say.
double stretch_of(const Groups& groups, const Coefficients& coefficients) {
  constexpr double kMost = 4;
  double factor = 1;
  while (factor < kMost && !hold_each_other(groups, factor, coefficients)) factor += 0.05;
  return factor;
}

HeldOutCoverage judge_of(const std::vector<Missed>& all, Beyond beyond,
                         const Coefficients& coefficients) {
  HeldOutCoverage coverage{beyond};
  std::vector<double> errors;
  const Groups groups = of_kind(all, beyond);
  const double stretch = stretch_of(groups, coefficients);
  for (const Missed* missed : groups) {
    const auto spread = quantiles_of(without(groups, missed));
    if (!spread) continue;
    for (std::size_t i = 0; i < missed->judged.size(); ++i) {
      const RunSetting& run = *missed->judged[i];
      const double ratio = run.measured / missed->predicted[i].step.seconds;
      ++coverage.rows;
      if (holds(coefficients, run, stretched(*spread, stretch), ratio)) ++coverage.covered;
      errors.push_back(100 * std::abs(1 / ratio - 1));
    }
  }
  std::ranges::sort(errors);
  if (!errors.empty()) coverage.median_percent = errors[errors.size() / 2];
  return coverage;
}

/// Collects groups that leave enough on either side.
class GroupList {
 public:
  explicit GroupList(const std::vector<RunSetting>& runs) : runs_(runs) {}

  void add(Beyond beyond, std::string what, std::function<bool(const RunSetting&)> is_part) {
    const auto size = static_cast<std::size_t>(std::ranges::count_if(runs_, is_part));
    if (size >= kFewestResiduals && runs_.size() - size >= kFewestResiduals)
      list_.push_back({beyond, std::move(what), std::move(is_part)});
  }
  [[nodiscard]] std::vector<HeldOut> take() { return std::move(list_); }

 private:
  const std::vector<RunSetting>& runs_;
  std::vector<HeldOut> list_;
};

void add_of_generation(GroupList& groups, Generation generation) {
  const std::string name(name_of(generation));
  groups.add(Beyond::kGeneration, name,
             [generation](const RunSetting& run) { return run.chip.generation == generation; });
  for (std::size_t c = 0; c < kRunClasses; ++c) {
    const auto run_class = static_cast<RunClass>(c);
    groups.add(Beyond::kClass, fmt::format("{} on {}", name_of(run_class), name),
               [generation, run_class](const RunSetting& run) {
                 return run.chip.generation == generation && class_of(run) == run_class;
               });
  }
  for (std::size_t format = 0; format < 3; ++format)
    groups.add(Beyond::kFormat, fmt::format("{} bits on {}", 16U >> format, name),
               [generation, format](const RunSetting& run) {
                 return run.chip.generation == generation &&
                        format_of(run.layout.precision) == format;
               });
}

}  // namespace

std::vector<HeldOut> held_out_groups(const std::vector<RunSetting>& runs) {
  GroupList groups(runs);
  std::map<std::string, Generation> chips;
  std::map<Generation, std::set<std::string>> of_generation;
  for (const RunSetting& run : runs) {
    chips.emplace(run.chip.name, run.chip.generation);
    of_generation[run.chip.generation].insert(run.chip.name);
  }
  for (const auto& [generation, names] : of_generation)
    if (generation != Generation::kOther) add_of_generation(groups, generation);
  for (const auto& [name, generation] : chips)
    if (of_generation.at(generation).size() > 1 && generation != Generation::kOther)
      groups.add(Beyond::kChip, name,
                 [chip = name](const RunSetting& run) { return run.chip.name == chip; });
  for (const std::uint32_t most : {64U, 256U, 512U})
    groups.add(Beyond::kScale, fmt::format("over {} chips", most),
               [most](const RunSetting& run) { return run.layout.chips() > most; });
  return groups.take();
}

namespace {

/// One fit for each group, on all processors; in the groups' order.
std::vector<Missed> miss_each(const std::vector<HeldOut>& groups,
                              const std::function<void(const std::string&)>& progress,
                              const std::function<Missed(const HeldOut&)>& miss_one) {
  std::vector<Missed> all(groups.size());
  std::atomic<std::size_t> next{0};
  std::mutex telling;
  std::exception_ptr failed;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < groups.size(); i = next++) {
        all[i] = miss_one(groups[i]);
        const std::scoped_lock lock(telling);
        progress(fmt::format("{} {} ({} runs)", name_of(groups[i].beyond), groups[i].what,
                             all[i].runs.size()));
      }
    } catch (...) {
      const std::scoped_lock lock(telling);
      if (!failed) failed = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    others.emplace_back(work);
  work();
  others.clear();
  if (failed) std::rethrow_exception(failed);
  return all;
}

}  // namespace

std::vector<HeldOutCoverage> calibrate_beyond(
    const std::vector<RunSetting>& runs, const std::vector<RunSetting>& judge, FitOptions options,
    Coefficients& coefficients, const std::function<void(const std::string&)>& progress) {
  options.rounds = std::min(options.rounds, kRounds);
  const std::vector<RunSetting> fixed = frozen(runs, coefficients);
  const std::vector<Missed> all =
      miss_each(held_out_groups(runs), progress,
                [&](const HeldOut& group) { return miss(group, runs, fixed, judge, options); });
  std::vector<HeldOutCoverage> coverage;
  for (std::size_t b = 0; b < kBeyonds; ++b) {
    const auto beyond = static_cast<Beyond>(b);
    const Groups groups = of_kind(all, beyond);
    if (const auto spread = quantiles_of(groups))
      coefficients.beyond.at(b) = stretched(*spread, stretch_of(groups, coefficients));
    coverage.push_back(judge_of(all, beyond, coefficients));
  }
  return coverage;
}

}  // namespace isobar::plan
