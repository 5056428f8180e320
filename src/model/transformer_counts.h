// What a transformer's shape adds up to: parameters, FLOPs under each convention, bytes, and the
// activations that a layer keeps for its backward pass.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "model/operators.h"

namespace isobar::model {

struct ParameterCounts {
  std::uint64_t total = 0;      // without prediction modules, as publications count
  std::uint64_t activated = 0;  // used by one token, embedding and output layer included
  std::uint64_t embedding = 0;  // looked up only: positions, and tokens where the output is untied
  std::uint64_t prediction_modules = 0;  // what they add, shared embedding and head left out
};
[[nodiscard]] ParameterCounts count_parameters(const TransformerShape& shape);
/// Of one layer; `activated` of it.
[[nodiscard]] std::uint64_t layer_parameters(const TransformerShape& shape, LayerKind kind);
[[nodiscard]] std::uint64_t activated_layer_parameters(const TransformerShape& shape,
                                                       LayerKind kind);

/// How attention's FLOPs are counted. Full: every query meets every key of its sequence (or of its
/// window), as in 6 N + 12 L H Q T. Causal: only the keys before it, half of them on average.
enum class AttentionConvention : std::uint8_t { kFull, kCausal };

/// Keys that a query meets on average in a sequence of `sequence` tokens; window 0 is none.
[[nodiscard]] double keys_per_query(std::uint32_t sequence, std::uint32_t window,
                                    AttentionConvention convention);

/// FLOPs of one operator's forward pass, per token. Streams count as none.
[[nodiscard]] double forward_flops(const Operator& op, std::uint32_t sequence,
                                   AttentionConvention convention);
/// Of the whole model, matrix products and attention, output layer included; a backward pass is
/// twice this. Prediction modules are counted where the shape has them.
[[nodiscard]] double forward_flops_per_token(const TransformerShape& shape, std::uint32_t sequence,
                                             AttentionConvention convention);
/// Forward and backward.
[[nodiscard]] double training_flops_per_token(const TransformerShape& shape, std::uint32_t sequence,
                                              AttentionConvention convention);
/// Of one layer, forward.
[[nodiscard]] double layer_forward_flops(const TransformerShape& shape, LayerKind kind,
                                         std::uint32_t sequence, AttentionConvention convention);
/// 6 N, N being the activated parameters without those that are only looked up.
[[nodiscard]] double six_n(const TransformerShape& shape);

/// What the backward pass computes again instead of keeping (Korthikanti et al., 2022).
/// Selective: the core of attention. Full: everything but a layer's input.
enum class Recompute : std::uint8_t { kNone, kSelective, kFull };

struct ActivationSettings {
  Recompute recompute = Recompute::kNone;
  std::uint32_t tensor = 1;        // ranks of tensor parallelism
  bool sequence_parallel = false;  // they also share what lies outside the parallel regions
  bool fused_attention = true;     // no matrix of scores is ever stored
  bool dropout = false;            // its masks are kept
  double matmul_input_bytes = 2;   // 1 where products take FP8
  double activation_bytes = 2;
};
/// Bytes per token that one layer keeps on each rank.
[[nodiscard]] double activation_bytes_per_token(const TransformerShape& shape, LayerKind kind,
                                                std::uint32_t sequence,
                                                const ActivationSettings& settings);

}  // namespace isobar::model
