// From the utilisation inside a layer down to that of a whole run, cause by cause: what a profiler
// trace of a few layers shows at the top, and what tokens per chip-hour say at the bottom.
#pragma once

#include <string>
#include <vector>

#include "cluster/plan.h"

namespace isobar::cluster {

struct ChainLink {
  std::string cause;
  double mfu = 0;  // once this and all causes before it are counted; attention halved
};

/// The first link is one layer of the most frequent kind by itself, forward and backward.
[[nodiscard]] std::vector<ChainLink> mfu_chain(const Plan& plan, const PlannedLayout& row);

}  // namespace isobar::cluster
