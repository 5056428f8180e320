// The planner's kernel cost as the judge of a sweep: it stands here because fab/ is a floor below
// plan/.
#pragma once

#include <memory>

#include "fab/sweep.h"

namespace isobar::cli {

/// One layer of a 70-billion-parameter transformer (width 8192, 64 heads in 8 groups, inner width
/// 28672), tensor-parallel over eight chips, 4096 tokens, forward and backward.
[[nodiscard]] std::unique_ptr<fab::Judge> planner_judge();

}  // namespace isobar::cli
