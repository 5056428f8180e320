#include "plan/utilisation.h"

namespace isobar::plan {
namespace {

using model::Operator;
using model::OperatorKind;

/// Of one token through one layer: what its recipe recomputes.
double recomputed(const model::TransformerShape& shape, model::LayerKind kind, const Layout& layout,
                  model::AttentionConvention convention) {
  if (layout.recompute == Recompute::kNone) return 0;
  double all = 0;
  double selective = 0;
  for (const Operator& op : model::layer_operators(shape, kind)) {
    const double flops = model::forward_flops(op, layout.sequence, convention);
    all += flops;
    // Fused stacks repeat what is cheap to redo, and latent attention's up-projections.
    const bool is_core = op.kind == OperatorKind::kAttention;
    const bool is_latent_up = shape.is_latent() && op.block == model::Block::kAttention &&
                              op.kind == OperatorKind::kMatmul &&
                              op.split == model::Split::kColumns;
    if (layout.stack.fused_attention ? is_latent_up : is_core) selective += flops;
  }
  const double full = layout.recompute == Recompute::kFull ? layout.recompute_share : 0;
  return full * all + (1 - full) * selective;
}

}  // namespace

StepFlops step_flops(const model::TransformerShape& shape, const Layout& layout,
                     model::AttentionConvention convention) {
  const double tokens = static_cast<double>(layout.global_batch) * layout.sequence;
  const auto of_step = [&](const model::CountedFlops& of_token) {
    return model::CountedFlops{of_token.products * tokens, of_token.attention * tokens};
  };
  StepFlops flops;
  flops.counted = of_step(model::counted_flops(shape, layout.sequence, convention));
  flops.computed =
      of_step(model::counted_flops(shape, layout.sequence, model::AttentionConvention::kCausal));
  for (const model::LayerGroup& group : model::layer_groups(shape))
    flops.again += tokens * group.count * recomputed(shape, group.kind, layout, convention);
  flops.prediction = tokens * model::prediction_flops(shape, layout.sequence);
  return flops;
}

Utilisation utilisation(const model::TransformerShape& shape, const Layout& layout, double seconds,
                        double peak, model::AttentionConvention convention) {
  const StepFlops flops = step_flops(shape, layout, convention);
  const double most = seconds * layout.chips() * peak;
  return {flops.counted.total() / most, (flops.counted.total() + flops.again) / most};
}

}  // namespace isobar::plan
