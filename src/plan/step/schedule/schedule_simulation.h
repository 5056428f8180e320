// What happens when the ranks of a pipeline run their passes in order: each starts when the rank is
// free and its input has arrived. Out come the time of a step, each rank's idle time, and how many
// micro-batches' activations it holds at the worst moment.
//
// Left out: contention of the messages with other traffic (their latency is the caller's), gradient
// exchange and the optimiser after the last pass.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/units.h"
#include "plan/step/schedule/schedule_order.h"

namespace isobar::plan {

/// Of one micro-batch through one stage of the model.
struct StagePassTimes {
  Seconds forward;
  Seconds input_gradient;
  Seconds weight_gradient;
  Seconds overlapped;  // forward beside a whole backward pass; 0: as long as one after the other
};

struct RankOutcome {
  Seconds busy;
  Seconds idle;                 // until the last rank has finished
  std::uint32_t most_held = 0;  // pieces of micro-batches kept for a backward pass
};

struct ScheduleOutcome {
  Seconds total;
  std::vector<RankOutcome> ranks;
  /// Idle time over busy time of the whole pipeline.
  [[nodiscard]] double bubble_ratio() const;
};

/// `times` by stage of the model (order.stages() of them); `message` is what an activation or a
/// gradient needs from a stage to the next. Throws UserError if the order can never finish.
[[nodiscard]] ScheduleOutcome simulate_schedule(const PipelineOrder& order,
                                                std::span<const StagePassTimes> times,
                                                Seconds message);

}  // namespace isobar::plan
