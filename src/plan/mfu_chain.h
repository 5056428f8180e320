// From the utilisation inside a layer down to that of a whole run, cause by cause: what a profiler
// trace of a few layers shows at the top, and what tokens per chip-hour say at the bottom.
//
// The MFU is the plan's, by its convention (model/mfu_convention.h): the time of multi-token
// prediction counts, its arithmetic does not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace isobar::plan {

struct ChainLink {
  std::string cause;
  double seconds = 0;  // of one step's wall clock that this cause adds; all links sum to it
  double mfu = 0;      // once this and all causes before it are counted
  double points = 0;   // change of the MFU; those after the first sum to last minus first
};

/// The last link of a step; those after it are of the run.
inline constexpr std::string_view kLastOfStep = "stragglers and jitter";

/// The first link is one layer of the most frequent kind, forward and backward, with its exchanges
/// and evenly loaded experts; its seconds are those the step would take at that layer's MFU.
[[nodiscard]] std::vector<ChainLink> mfu_chain(const Plan& plan, const PlannedLayout& row);

/// As a table, and as what JSON carries: [{cause, seconds, share, mfu, points}, ...].
[[nodiscard]] std::string chain_text(const std::vector<ChainLink>& chain,
                                     model::AttentionConvention convention);
[[nodiscard]] std::string chain_json(const std::vector<ChainLink>& chain);

}  // namespace isobar::plan
