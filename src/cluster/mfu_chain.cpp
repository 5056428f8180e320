#include "cluster/mfu_chain.h"

#include <algorithm>
#include <array>
#include <span>

namespace isobar::cluster {
namespace {

struct Group {
  const char* cause;
  std::vector<Part> parts;
};
/// In the order a step is built up. Recomputation stands with the layers: a trace shows it, too.
const std::vector<Group>& groups() {
  static const std::vector<Group> list{
      {"all layers, embedding and output layer",
       {Part::kMatmul, Part::kAttention, Part::kMatmulLoss, Part::kAttentionLoss, Part::kStream,
        Part::kCast, Part::kRecompute, Part::kImbalance, Part::kHost, Part::kLent, Part::kTensor,
        Part::kContext, Part::kExpert}},
      {"pipeline messages", {Part::kExchange}},
      {"pipeline bubble", {Part::kBubble}},
      {"uneven stages", {Part::kStages}},
      {"gradients and parameters", {Part::kData}},
      {"update and fixed cost", {Part::kOptimizer, Part::kOverhead}},
      {"stragglers", {Part::kStraggler}}};
  return list;
}

/// Of the most frequent kind: useful FLOPs over peak, of one micro-batch through one layer.
double layer_mfu(const Plan& plan, const Layout& layout) {
  const auto kinds = model::layer_groups(plan.shape);
  const auto most = std::ranges::max_element(kinds, {}, &model::LayerGroup::count);
  std::uint32_t at = 0;
  while (model::layer_kind(plan.shape, at) != most->kind) ++at;
  const MicroBatchTime micro = micro_batch_time(plan.setting(), layout);
  const double seconds = micro.forward_before[at + 1] - micro.forward_before[at] +
                         micro.backward_before[at + 1] - micro.backward_before[at];
  const double flops = 3 * model::layer_forward_flops(plan.shape, most->kind, layout.sequence,
                                                      model::AttentionConvention::kCausal);
  return flops * micro.tokens / layout.tensor / (seconds * plan.chip.peak_16);
}

}  // namespace

std::vector<ChainLink> mfu_chain(const Plan& plan, const PlannedLayout& row) {
  const Layout& layout = row.candidate.layout;
  std::vector<ChainLink> chain{{"one layer alone", layer_mfu(plan, layout)}};
  const double useful = row.mfu_causal * row.candidate.step.seconds;
  double seconds = 0;
  for (const Group& group : groups()) {
    for (const Part part : group.parts) seconds += row.candidate.step.parts[part];
    chain.push_back({group.cause, useful / seconds});
  }
  if (plan.duration)
    chain.push_back({"failures and checkpoints", chain.back().mfu * plan.duration->shares.goodput});
  return chain;
}

}  // namespace isobar::cluster
