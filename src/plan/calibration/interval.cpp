#include "plan/calibration/interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace isobar::plan {
namespace {

/// Fewer runs than this say next to nothing of a chip: their own errors are as large.
constexpr std::uint32_t kFewest = 3;

std::string_view bits_of(std::size_t format) {
  constexpr std::array<std::string_view, 3> kBits{"16", "8", "4"};
  return kBits.at(format);
}

std::string_view kind_of(RunClass run_class) {
  constexpr std::array<std::string_view, kRunClasses> kKinds{
      "on one node", "of a dense model on several nodes", "of a mixture of experts"};
  return kKinds.at(static_cast<std::size_t>(run_class));
}

struct Ways {
  Interval& interval;
  void add(Beyond beyond, std::string why) const {
    interval.beyond.push_back(beyond);
    interval.warnings.push_back(std::move(why));
  }
};

void look_at_chip(const FittedRuns& fitted, const ChipFigures& chip, RunClass run_class,
                  std::size_t format, const Ways& ways) {
  const auto generation = static_cast<std::size_t>(chip.generation);
  const auto own = fitted.chips.find(chip.name);
  const bool is_known = own != fitted.chips.end() && own->second >= kFewest;
  std::uint32_t of_generation = 0;
  for (const auto& by_generation : fitted.classes) of_generation += by_generation.at(generation);
  if (fitted.chips.empty())
    return ways.add(Beyond::kGeneration,
                    "these coefficients do not say to which runs they were fitted");
  // "other" is no generation: its chips have nothing in common.
  if (!is_known && (chip.generation == Generation::kOther || of_generation < kFewest))
    return ways.add(
        Beyond::kGeneration,
        fmt::format("no published run on {} or a similar chip was fitted: default coefficients "
                    "are used",
                    chip.name));
  const std::string_view name = name_of(chip.generation);
  if (!is_known)
    ways.add(Beyond::kChip,
             fmt::format("no published run on {} was fitted, only runs on other chips of its "
                         "generation ({})",
                         chip.name, name));
  if (fitted.classes.at(static_cast<std::size_t>(run_class)).at(generation) < kFewest)
    ways.add(Beyond::kClass, fmt::format("no published run {} was fitted on this generation ({})",
                                         kind_of(run_class), name));
  if (fitted.formats.at(format).at(generation) < kFewest)
    ways.add(Beyond::kFormat,
             fmt::format("no published run with {}-bit products was fitted on this generation ({})",
                         bits_of(format), name));
}

}  // namespace

RunClass class_of(const model::TransformerShape& shape, std::uint32_t chips) {
  if (shape.has_experts()) return RunClass::kExperts;
  return chips <= 8 ? RunClass::kOneNode : RunClass::kDense;
}

std::size_t format_of(Precision precision) {
  if (precision == Precision::kBf16) return 0;
  return precision == Precision::kNvfp4 ? 2 : 1;
}

Coefficients::Spread widened(const Coefficients::Spread& own,
                             const std::vector<Coefficients::Spread>& beyond) {
  if (beyond.empty()) return own;
  const auto square = [](double ratio) { return std::log(ratio) * std::log(ratio); };
  double low = square(own.low);
  double high = square(own.high);
  for (const Coefficients::Spread& spread : beyond) {
    low += std::max(0.0, square(spread.low) - square(own.low));
    high += std::max(0.0, square(spread.high) - square(own.high));
  }
  return {std::exp(-std::sqrt(low)), std::exp(std::sqrt(high))};
}

Interval interval_of(const Coefficients& coefficients, const model::TransformerShape& shape,
                     const ChipFigures& chip, const Layout& layout) {
  Interval interval;
  const RunClass run_class = class_of(shape, layout.chips());
  const Ways ways{interval};
  look_at_chip(coefficients.fitted, chip, run_class, format_of(layout.precision), ways);
  const std::uint32_t largest = coefficients.fitted.largest.at(static_cast<std::size_t>(run_class));
  if (run_class != RunClass::kOneNode && largest > 0 && layout.chips() > largest)
    ways.add(Beyond::kScale,
             fmt::format("the largest fitted run {} has {} chips", kind_of(run_class), largest));
  if (layout.schedule == Schedule::kZeroBubble && layout.pipeline > 1)
    interval.warnings.emplace_back(
        "no published run with a zero-bubble schedule was fitted; the interval does not take this "
        "into account");
  std::vector<Coefficients::Spread> spreads;
  for (const Beyond beyond : interval.beyond)
    spreads.push_back(coefficients.beyond.at(static_cast<std::size_t>(beyond)));
  const Coefficients::Spread spread =
      widened(coefficients.spread.at(static_cast<std::size_t>(run_class)), spreads);
  interval.low = spread.low;
  interval.high = spread.high;
  return interval;
}

void count_run(FittedRuns& fitted, const model::TransformerShape& shape, const ChipFigures& chip,
               const Layout& layout) {
  const auto run_class = static_cast<std::size_t>(class_of(shape, layout.chips()));
  const auto generation = static_cast<std::size_t>(chip.generation);
  ++fitted.chips[chip.name];
  ++fitted.classes.at(run_class).at(generation);
  ++fitted.formats.at(format_of(layout.precision)).at(generation);
  fitted.largest.at(run_class) = std::max(fitted.largest.at(run_class), layout.chips());
}

}  // namespace isobar::plan
