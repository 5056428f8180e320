// Which chips would be worth making: thousands of designs, each with its area, yield, cost, power
// and export class, judged by what a training step reaches on it. The front holds the designs that
// no other beats in both useful FLOP/s and cost.
//
// Work is cut by rank (base/ranks.h); a design's result depends on nothing but the design, and so
// the front is the same on any number of ranks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ranks.h"
#include "fab/design.h"
#include "fab/export_class.h"

namespace isobar::fab {

/// Says what share of a design's peak a training step reaches.
class Judge {
 public:
  virtual ~Judge() = default;
  [[nodiscard]] virtual double mfu(const Design& design) const = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
};
/// Tiles that fit local memory, waves and a roofline for each product of a transformer layer; see
/// roofline_judge.cpp. The planner's kernel cost is a judge too (cli/planner_judge.h).
[[nodiscard]] std::unique_ptr<Judge> roofline_judge();

/// Classes that a design must stay below.
enum class ExportLine : std::uint8_t { kNone, k3A090a, k3A090b };
/// "", "3A090.a" or "3A090.b". Throws UserError.
[[nodiscard]] ExportLine parse_export_line(std::string_view text);

struct SweepLimits {
  std::optional<double> area, power, cost;  // mm2 of the die, watts, dollars of the package
  ExportLine export_line = ExportLine::kNone;
  Date rule_date = newest_rule();
  std::string node;  // empty: all that the grid has
  double volume = 1e6;
};

struct Judged {
  Design design;
  double area = 0, yield = 0, cost = 0, power = 0, tpp = 0, density = 0, mfu = 0;
  std::string chip_class;
  [[nodiscard]] double useful() const { return mfu * design.peak(); }  // FLOP/s
};
struct SweepResult {
  std::size_t designs = 0;  // judged
  std::size_t too_large = 0, too_hot = 0, too_dear = 0, over_the_line = 0;
  std::string judge;
  SweepLimits limits;
  std::vector<Judged> all;    // within the limits, in the grid's order
  std::vector<Judged> front;  // by rising cost
};
/// Judges `count` designs. The result is whole on the first rank only.
[[nodiscard]] SweepResult run_sweep(std::size_t count, const SweepLimits& limits,
                                    const Constants& constants, const Judge& judge,
                                    const Ranks& ranks);
/// By rising cost, each with more useful FLOP/s than all before it.
[[nodiscard]] std::vector<Judged> pareto_front(std::vector<Judged> judged);

}  // namespace isobar::fab
