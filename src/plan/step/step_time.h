// The time of one training step under a layout, in closed form: micro-batches through the longest
// stage, the bubble of the schedule, gradients, update. Every second is in exactly one part.
//
// Left out: what only an event simulation sees (a stage that starves for one message); the best few
// plans are checked by one (schedule_*.h).
#pragma once

#include "plan/step/layer_time.h"
#include "plan/step/memory.h"

namespace isobar::plan {

struct StepTime {
  double seconds = 0;
  Parts parts;
};

/// Seconds of one micro-batch through one stage.
struct StageTime {
  double forward = 0, backward = 0, weight_gradient = 0;
  [[nodiscard]] double total() const { return forward + backward; }
};

/// One micro-batch through all stages.
struct Pipeline {
  double longest = 0;  // seconds of the longest stage (of a rank's two, halved, in DualPipe)
  double all = 0;      // sum over stages
  StageTime mean;
};
/// Depends on the layout's numbers of stages and chunks only.
[[nodiscard]] Pipeline pipeline_of(const Layout& layout, const MicroBatchTime& micro,
                                   std::uint32_t layers);

/// `micro` and `bytes` belong to the layout's (micro-batch, tensor, context, expert, recipe).
[[nodiscard]] StepTime step_time(const Setting& setting, const Layout& layout,
                                 const MicroBatchTime& micro, const ModelBytes& bytes,
                                 const Pipeline& pipeline);
/// The same from scratch.
[[nodiscard]] StepTime step_time(const Setting& setting, const Layout& layout);

/// Layers [first, last) of a chunk when `layers` are dealt to `chunks`. Where they divide they are
/// dealt evenly; where not, so that the longest chunk is shortest, the last one holding an output
/// layer that is worth `head_layers` layers, and the first chunk is the next to be short.
struct LayerRange {
  std::uint32_t first = 0, last = 0;
};
[[nodiscard]] LayerRange layers_of_chunk(std::uint32_t layers, std::uint32_t chunks,
                                         std::uint32_t chunk, double head_layers);

/// How many layers' time the output layer takes.
[[nodiscard]] double head_layers(const MicroBatchTime& micro, std::uint32_t layers);

/// Seconds of one message between neighbouring stages.
[[nodiscard]] double pipeline_message(const Setting& setting, const Layout& layout, double tokens);

}  // namespace isobar::plan
