#include "explain/flops/planned_flops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ledger/apportion.h"
#include "model/file/transformer_file.h"
#include "model/mfu_convention.h"

namespace isobar::explain {
namespace {

using model::AttentionConvention;
using model::TransformerShape;

/// Training FLOPs, split as the kernels are, causal attention halved.
struct Split {
  double gemm = 0, attention = 0;
  double masked = 0;  // the other half
};

/// Of one token's forward pass through one layer, the mean over the model's layers.
Split forward_of_a_layer(const TransformerShape& shape, std::uint32_t sequence) {
  Split sum;
  for (const model::LayerGroup& group : model::layer_groups(shape))
    for (const model::Operator& op : model::layer_operators(shape, group.kind)) {
      const bool is_attention = op.kind == model::OperatorKind::kAttention;
      const double flops = model::forward_flops(op, sequence, AttentionConvention::kCausal);
      (is_attention ? sum.attention : sum.gemm) += group.count * flops;
      sum.masked +=
          group.count * (model::forward_flops(op, sequence, AttentionConvention::kFull) - flops);
    }
  const double layers = std::max<std::uint32_t>(1, shape.layers);
  return {sum.gemm / layers, sum.attention / layers, sum.masked / layers};
}

/// Compute time of the classes of one group, zero for the others.
std::vector<std::uint64_t> time_of(KernelGroup group, const KernelTable& table,
                                   const std::vector<std::uint64_t>& charges) {
  std::vector<std::uint64_t> times(charges.size(), 0);
  for (std::size_t i = 0; i < charges.size(); ++i)
    if (table.classes()[i].group == group) times[i] = charges[i];
  return times;
}

bool any(const std::vector<std::uint64_t>& times) {
  return std::ranges::any_of(times, [](std::uint64_t time) { return time > 0; });
}

/// FLOPs of one chip in a trace, which take an hour and more above this.
std::uint64_t whole(double flops) {
  constexpr double kMost = 4.6e18;
  if (!(flops <= kMost))
    fail(
        "the model's FLOPs of this trace are {:.3g} on one chip, more than a trace can hold "
        "({:.2g}: give --chips, or --tokens of one step)",
        flops, kMost);
  return static_cast<std::uint64_t>(std::llround(std::max(0.0, flops)));
}

void spread(double amount, const std::vector<std::uint64_t>& times, ModelFlops& flops) {
  const auto parts = ledger::apportion(whole(amount), times);
  for (std::size_t i = 0; i < parts.size(); ++i) flops.by_class[i] += parts[i];
}

/// Splits the FLOPs over the classes by the time they took. Attention without kernels of its own is
/// made of matrix products.
void spread(const Split& all, const KernelTable& table, const std::vector<std::uint64_t>& charges,
            ModelFlops& flops) {
  std::ranges::fill(flops.by_class, 0);
  flops.notes.clear();
  const auto gemm = time_of(KernelGroup::kGemm, table, charges);
  const auto attention = time_of(KernelGroup::kAttention, table, charges);
  flops.known = any(gemm) || any(attention);
  if (!flops.known) {
    flops.notes.emplace_back(
        "no kernel is known as a matrix product or attention (name them with --kernel-classes)");
    return;
  }
  spread(all.gemm, any(gemm) ? gemm : attention, flops);
  spread(all.attention, any(attention) ? attention : gemm, flops);
}

std::uint64_t sequence_of(const Request& request, const SeenAttention& seen,
                          const TransformerShape& shape) {
  if (request.sequence > 0) return request.sequence;
  if (seen.backward.sequence > 0) return seen.backward.sequence;
  if (seen.forward.sequence > 0) return seen.forward.sequence;
  return shape.context;
}

}  // namespace

void plan_flops(ModelFlops& flops, const Request& request, const Window& window,
                const SeenAttention& seen, const Timeline& timeline, const KernelTable& table,
                const std::vector<std::uint32_t>& classes, const Trace& trace) {
  const model::TransformerModel model = model::find_transformer(request.model);
  const TransformerShape& shape = model.shape;
  const auto sequence = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(sequence_of(request, seen, shape), 1, 1U << 30U));
  const Split layer = forward_of_a_layer(shape, sequence);
  Split all;
  if (request.tokens > 0) {
    const double chips = static_cast<double>(
        std::max<std::uint64_t>(1, request.chips > 0 ? request.chips : trace.world_size));
    const double tokens = static_cast<double>(request.tokens) *
                          static_cast<double>(std::max<std::uint64_t>(1, window.steps)) / chips;
    const model::CountedFlops counted =
        model::counted_flops(shape, sequence, AttentionConvention::kCausal);
    all = {counted.products * tokens, counted.attention * tokens,
           3 * layer.masked * shape.layers * tokens};
    flops.method = fmt::format("{}: FLOPs per token x {} tokens a step / {} chips", model.name,
                               request.tokens, chips);
  } else {
    if (seen.backward.launches == 0 || shape.heads == 0)
      fail(
          "{}: the tokens of a step are not in the trace (give --tokens, of one step over all "
          "chips)",
          trace.name);
    const double tokens = static_cast<double>(seen.backward.query_rows) / shape.heads;
    all = {3 * layer.gemm * tokens, 3 * layer.attention * tokens, 3 * layer.masked * tokens};
    flops.method = fmt::format(
        "{}: {} layers passed forward and back (backward launches of attention), {:.0f} tokens "
        "each; output layer not counted",
        model.name, seen.backward.launches, tokens / static_cast<double>(seen.backward.launches));
  }
  std::vector<std::uint64_t> charges(table.classes().size(), 0);
  for (std::size_t name = 0; name < timeline.names.size(); ++name)
    charges[classes[name]] +=
        timeline.names[name].charge[static_cast<std::size_t>(Charge::kCompute)];
  spread(all, table, charges, flops);
  flops.masked = flops.known ? whole(all.masked) : 0;
  flops.flops_convention =
      "forward and backward of the model, recomputation and multi-token prediction not counted "
      "(MFU)";
}

}  // namespace isobar::explain
