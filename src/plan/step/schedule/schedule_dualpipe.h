// DualPipe: half of the micro-batches enter at the first rank, half at the last, and in the middle
// of the schedule every forward pass runs beside a backward pass of the other half, so that each
// hides the other's communication. Each rank holds two stages of the model, one per direction.
// Reference: DeepSeek-AI, DeepSeek-V3 Technical Report, 2024, section 3.2.1 and figure 5; the eight
// phases and their lengths are those of deepseek-ai/DualPipe.
#pragma once

#include <vector>

#include "plan/step/schedule/schedule_order.h"

namespace isobar::plan {

[[nodiscard]] std::vector<Pass> dualpipe(const PipelineOrder& order, std::uint32_t rank);

}  // namespace isobar::plan
