// A pipeline whose stages stand on chips of different kinds: each kind fills whole stages, and gets
// as many layers per stage as its speed deserves.
//
// Left out: different degrees of tensor parallelism per kind, and interleaving (a stage has one
// chunk).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/step/step_time.h"

namespace isobar::plan {

struct ChipShare {
  ChipFigures chip;
  std::uint32_t chips = 0;
};

struct MixedStep {
  StepTime step;
  std::vector<std::uint32_t> stages;  // of each kind
  std::vector<std::uint32_t> layers;  // of each stage, from the first
};

/// `setting` has the chip that waits least for nothing: the slowest kind, for gradients and update.
/// Nothing where the stages do not divide among the kinds in proportion to their chips, or the
/// schedule interleaves.
[[nodiscard]] std::optional<MixedStep> mixed_step_time(const Setting& setting,
                                                       const std::vector<ChipShare>& kinds,
                                                       const Layout& layout);

}  // namespace isobar::plan
