#include "plan/step/memory.h"

#include <algorithm>
#include <cmath>

namespace isobar::plan {
namespace {

constexpr double kReserve = 3e9;  // context, communicators, workspaces
/// Of a fused layer's activations, what stays when norms, activation functions and up-projections
/// are recomputed: the inputs of the large products and of attention.
constexpr double kSelectiveShare = 0.5;
/// DeepSeek's recipe also keeps the inputs of SwiGLU in FP8 (DeepSeek-V3, section 3.3.3): about 33
/// KB less of its 373 KB per token and layer.
constexpr double kSelectiveShareFp8 = 0.45;

/// Bytes of optimiser states per parameter: 32-bit weights and moments; DeepSeek's recipe keeps the
/// moments in BF16 (the same section).
double state_bytes(Precision precision) { return precision == Precision::kFp8Block ? 8 : 12; }

/// Bytes per token and layer, averaged over the layers.
double kept_per_token(const ModelBytes& bytes, const Layout& layout) {
  switch (layout.recompute) {
    case model::Recompute::kNone:
      return bytes.kept_none;
    case model::Recompute::kSelective:
      return bytes.kept_selective;
    case model::Recompute::kFull:
      return layout.recompute_share * bytes.kept_full +
             (1 - layout.recompute_share) * bytes.kept_selective;
  }
  return bytes.kept_none;
}

}  // namespace

double stages_held(const Layout& layout) {
  return layout.pipeline > 1 && layout.schedule == Schedule::kDualPipe ? 2 : 1;
}

ModelBytes model_bytes(const model::TransformerShape& shape, const Layout& layout) {
  ModelBytes bytes;
  model::ActivationSettings settings;
  settings.tensor = layout.tensor;
  settings.sequence_parallel = layout.sequence_parallel;
  settings.fused_attention = layout.stack.fused_attention;
  settings.dropout = layout.stack.dropout;
  settings.matmul_input_bytes = layout.precision == Precision::kBf16 ? 2 : 1.25;
  const double share =
      layout.precision == Precision::kFp8Block ? kSelectiveShareFp8 : kSelectiveShare;
  for (const model::LayerGroup& group : model::layer_groups(shape)) {
    double plain = 0;
    double experts = 0;
    for (const model::Operator& op : model::layer_operators(shape, group.kind))
      (op.split == model::Split::kExperts ? experts : plain) += static_cast<double>(op.weights);
    bytes.layer_plain = std::max(bytes.layer_plain, plain);
    bytes.layer_experts = std::max(bytes.layer_experts, experts);
    const auto kept = [&](model::Recompute recompute) {
      settings.recompute = recompute;
      return model::activation_bytes_per_token(shape, group.kind, layout.sequence, settings);
    };
    const double none = kept(model::Recompute::kNone);
    const double selective =
        settings.fused_attention ? none * share : kept(model::Recompute::kSelective);
    bytes.kept_none = std::max(bytes.kept_none, none);
    bytes.kept_selective = std::max(bytes.kept_selective, selective);
    bytes.kept_full = std::max(bytes.kept_full, kept(model::Recompute::kFull));
  }
  bytes.embedding = static_cast<double>(shape.vocabulary) * shape.width;
  return bytes;
}

ChipWeights chip_weights(const ModelBytes& bytes, const model::TransformerShape& shape,
                         const Layout& layout) {
  const double layers = std::ceil(static_cast<double>(shape.layers) / layout.pipeline);
  const double tables = layout.pipeline == 1 && !shape.tied_embeddings ? 2 : 1;
  ChipWeights weights;
  weights.plain = (layers * bytes.layer_plain + tables * bytes.embedding) / layout.tensor;
  weights.experts = layers * bytes.layer_experts / layout.expert;
  const double held = stages_held(layout);
  weights.plain *= held;
  weights.experts *= held;
  return weights;
}

MemoryUse memory_use(const ModelBytes& bytes, const model::TransformerShape& shape,
                     const Layout& layout) {
  const ChipWeights weights = chip_weights(bytes, shape, layout);
  const double copies = static_cast<double>(layout.data) * layout.context * stages_held(layout);
  const double expert_copies = std::max(1.0, copies * layout.tensor / layout.expert);
  const double shards = layout.shard_group > 0 ? layout.shard_group : copies;
  const auto sharded = [&](std::uint32_t stage) {
    if (layout.zero < stage) return weights.plain + weights.experts;
    return weights.plain / shards + weights.experts / std::min(expert_copies, shards);
  };
  MemoryUse use;
  use.weights = 2 * sharded(3);
  if (layout.zero == 3)
    use.weights += 2 * 2 * (bytes.layer_plain + bytes.layer_experts / layout.expert);
  use.gradients = layout.stack.gradient_bytes * sharded(2);
  use.optimizer = layout.offload_optimizer ? 0 : state_bytes(layout.precision) * sharded(1);
  const double tokens = static_cast<double>(layout.micro_batch) * layout.sequence / layout.context;
  const double stages = layout.pipeline;
  double in_flight = std::min<double>(layout.micro_batches(), stages);
  if (layout.virtual_stages > 1)
    in_flight = std::min<double>(layout.micro_batches(),
                                 stages * (1 + (stages - 1) / (stages * layout.virtual_stages)));
  if (layout.schedule == Schedule::kDualPipe) in_flight = stages + 1;
  const double layers = std::ceil(static_cast<double>(shape.layers) / stages);
  use.activations = kept_per_token(bytes, layout) * tokens * layers * in_flight;
  if (layout.recompute != Recompute::kNone) use.activations += bytes.kept_none * tokens;
  use.logits = tokens * shape.vocabulary / layout.tensor * 6;
  use.reserve = kReserve;
  return use;
}

}  // namespace isobar::plan
