// How far a predicted step may be trusted. Where runs like it were fitted, the interval is that of
// its class; where the calibration has not been, that of runs which were left out of a fit for
// being unlike the rest in the same way (held_out.h), each way with its reason in words.
#pragma once

#include <string>
#include <vector>

#include "model/transformer_counts.h"
#include "plan/step/coefficients.h"
#include "plan/step/layout.h"

namespace isobar::plan {

[[nodiscard]] RunClass class_of(const model::TransformerShape& shape, std::uint32_t chips);
/// Index into FittedRuns::formats.
[[nodiscard]] std::size_t format_of(Precision precision);

struct Interval {
  double low = 1, high = 1;           // measured / predicted: 80 % of measurements lie between
  std::vector<Beyond> beyond;         // the ways in which no fitted run is like it
  std::vector<std::string> warnings;  // the same in words, and what no interval covers
  [[nodiscard]] bool is_wider() const { return !beyond.empty(); }
};

[[nodiscard]] Interval interval_of(const Coefficients& coefficients,
                                   const model::TransformerShape& shape, const ChipFigures& chip,
                                   const Layout& layout);

/// Counts one more fitted run.
void count_run(FittedRuns& fitted, const model::TransformerShape& shape, const ChipFigures& chip,
               const Layout& layout);

/// Independent errors add by their squares: what each way adds to the class's own, in logarithms.
[[nodiscard]] Coefficients::Spread widened(const Coefficients::Spread& own,
                                           const std::vector<Coefficients::Spread>& beyond);

}  // namespace isobar::plan
