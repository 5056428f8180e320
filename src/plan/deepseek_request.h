// DeepSeek-V3's training run as it was published, for tests and benchmarks that compare with it.
#pragma once

#include "plan/plan.h"

namespace isobar::plan {

/// arXiv:2412.19437: 14.8 T tokens on 2,048 H800, table 1 and section 4.2; the layout, section 3.2.
inline PlanRequest deepseek_request() {
  PlanRequest request;
  request.model = "deepseek-v3";
  request.cluster = "deepseek-h800";
  request.batch = 15360;
  request.sequence = 4096;
  request.tokens = 14.8e12;
  request.precisions = {Precision::kFp8Block};
  request.choices.schedule = Schedule::kDualPipe;
  request.fixed.tensor = request.fixed.context = request.fixed.micro_batch = 1;
  request.fixed.pipeline = 16;
  request.fixed.expert = 64;
  return request;
}

}  // namespace isobar::plan
