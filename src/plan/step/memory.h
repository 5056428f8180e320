// Bytes the fullest chip holds: weights, gradients, optimiser states and the activations of the
// micro-batches in flight. Counted as Korthikanti et al. (2022) and ZeRO (Rajbhandari et al., 2020)
// count them; fragmentation and the libraries' own buffers are one stated allowance.
#pragma once

#include "plan/step/layer_time.h"
#include "plan/step/layout.h"

namespace isobar::plan {

struct MemoryUse {
  double weights = 0, gradients = 0, optimizer = 0, activations = 0, logits = 0, reserve = 0;
  [[nodiscard]] double total() const {
    return weights + gradients + optimizer + activations + logits + reserve;
  }
};

/// Elements of the weights on the fullest chip, by what replicates them.
struct ChipWeights {
  double plain = 0;    // replicated over data x context
  double experts = 0;  // replicated over data x context x tensor / expert
};

/// What does not depend on stages and replicas: computed once for many layouts.
struct ModelBytes {
  double layer_plain = 0;    // elements of the heaviest kind of layer, without routed experts
  double layer_experts = 0;  // of its routed experts
  double embedding = 0;      // elements of one table
  // Of the heaviest kind of layer, after tensor parallelism.
  double kept_none = 0, kept_selective = 0, kept_full = 0;  // bytes per token
};
/// Stages of the pipeline on each chip: DualPipe holds two, one from either end, so that each stage
/// has twice as many copies (DeepSeek-V3, table 2).
[[nodiscard]] double stages_held(const Layout& layout);

[[nodiscard]] ModelBytes model_bytes(const model::TransformerShape& shape, const Layout& layout);

[[nodiscard]] ChipWeights chip_weights(const ModelBytes& bytes,
                                       const model::TransformerShape& shape, const Layout& layout);
[[nodiscard]] MemoryUse memory_use(const ModelBytes& bytes, const model::TransformerShape& shape,
                                   const Layout& layout);

/// Of the capacity, what a run may use before allocators fail.
inline constexpr double kUsableMemory = 0.95;

}  // namespace isobar::plan
