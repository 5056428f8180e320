#include "plan/step/layout.h"

#include <fmt/format.h>

#include <array>

namespace isobar::plan {

std::string_view name_of(Precision precision) {
  constexpr std::array<std::string_view, 5> kNames{"bf16", "fp8", "fp8-block", "mxfp8", "nvfp4"};
  return kNames.at(static_cast<std::size_t>(precision));
}

std::string_view name_of(model::Recompute recompute) {
  constexpr std::array<std::string_view, 3> kNames{"none", "selective", "full"};
  return kNames.at(static_cast<std::size_t>(recompute));
}

std::string_view name_of(ContextExchange exchange) {
  return exchange == ContextExchange::kRing ? "ring" : "all-to-all";
}

std::string Layout::describe() const {
  std::string text = fmt::format("tp{}", tensor);
  if (tensor > 1 && sequence_parallel) text += "-sp";
  if (tensor > 1 && stack.overlaps_tensor) text += "-async";
  text += fmt::format(" pp{} dp{}", pipeline, data);
  if (expert > 1) text += fmt::format(" ep{}", expert);
  if (context > 1)
    text += fmt::format(" cp{}-{}", context, exchange == ContextExchange::kRing ? "ring" : "a2a");
  if (pipeline > 1) {
    text += fmt::format(" {}", name_of(schedule));
    if (virtual_stages > 1) text += fmt::format(" x{}", virtual_stages);
  }
  text += fmt::format(" mb{}", micro_batch);
  if (zero > 0) text += fmt::format(" zero{}", zero);
  if (shard_group > 0) text += fmt::format("-hsdp{}", shard_group);
  if (recompute != Recompute::kNone) text += fmt::format(" recompute-{}", name_of(recompute));
  if (recompute == Recompute::kFull && recompute_share < 1)
    text += fmt::format("{:.0f}%", 100 * recompute_share);
  if (precision != Precision::kBf16) text += fmt::format(" {}", name_of(precision));
  if (offload_optimizer) text += " offload";
  if (data * context > 1 && !stack.overlaps_data) text += " serial-dp";
  return text;
}

namespace {

bool breaks_experts(const Layout& layout, const model::TransformerShape& shape) {
  return shape.experts.count % layout.expert != 0 ||
         (layout.data * layout.context * layout.tensor) % layout.expert != 0;
}

bool breaks_schedule(const Layout& layout) {
  const std::uint32_t count = layout.micro_batches();
  if (layout.virtual_stages > 1 && count % layout.pipeline != 0) return true;
  return layout.schedule == Schedule::kDualPipe && layout.pipeline > 1 &&
         (layout.pipeline % 2 != 0 || count < layout.pipeline);
}

bool breaks_shards(const Layout& layout) {
  return layout.zero != 3 || layout.data * layout.context % layout.shard_group != 0;
}

bool lacks_format(const Layout& layout, const ChipFigures& chip) {
  if (layout.precision == Precision::kNvfp4) return chip.peak_4 <= 0;
  return layout.precision != Precision::kBf16 && chip.peak_8 <= 0;
}

}  // namespace

Rule first_broken_rule(const Layout& layout, const model::TransformerShape& shape,
                       const ChipFigures& chip) {
  for (const std::uint32_t degree :
       {layout.tensor, layout.pipeline, layout.data, layout.expert, layout.context,
        layout.virtual_stages, layout.micro_batch, layout.global_batch, layout.sequence})
    if (degree == 0) return Rule::kPositive;
  if (shape.heads % layout.tensor != 0) return Rule::kHeads;
  // The embedding and the output layer may be a chunk each (Llama 3's report, section 3.3.2).
  if (std::uint64_t{layout.pipeline} * layout.virtual_stages > std::uint64_t{shape.layers} + 2)
    return Rule::kStages;
  if (layout.sequence % layout.context != 0) return Rule::kContext;
  if (layout.exchange == ContextExchange::kAllToAll && layout.context > 1 &&
      shape.kv_heads % (std::uint64_t{layout.context} * layout.tensor) != 0)
    return Rule::kContextHeads;
  if (layout.global_batch % (std::uint64_t{layout.data} * layout.micro_batch) != 0)
    return Rule::kBatch;
  if (layout.expert > 1 && !shape.has_experts()) return Rule::kNoExperts;
  if (layout.expert > 1 && breaks_experts(layout, shape)) return Rule::kExperts;
  if (breaks_schedule(layout))
    return layout.schedule == Schedule::kDualPipe ? Rule::kDualPipe : Rule::kInterleaving;
  if (layout.zero > 3) return Rule::kZero;
  if (layout.zero == 3 && layout.pipeline > 1) return Rule::kShardedPipeline;
  if (layout.shard_group > 0 && breaks_shards(layout)) return Rule::kShardGroup;
  if (lacks_format(layout, chip)) return Rule::kFormat;
  return Rule::kNone;
}

std::string explain(Rule rule, const Layout& layout, const model::TransformerShape& shape,
                    const ChipFigures& chip) {
  switch (rule) {
    case Rule::kNone:
      return "no rule is broken";
    case Rule::kPositive:
      return "a degree or size is 0 (every one must be at least 1)";
    case Rule::kHeads:
      return fmt::format("tensor parallelism {} does not divide the {} heads", layout.tensor,
                         shape.heads);
    case Rule::kStages:
      return fmt::format("{} stages of {} chunks need more than the {} layers", layout.pipeline,
                         layout.virtual_stages, shape.layers);
    case Rule::kContext:
      return fmt::format("context parallelism {} does not divide the sequence of {}",
                         layout.context, layout.sequence);
    case Rule::kContextHeads:
      return fmt::format(
          "all-to-all context parallelism {} x tensor {} does not divide the {} kv heads",
          layout.context, layout.tensor, shape.kv_heads);
    case Rule::kBatch:
      return fmt::format(
          "a batch of {0} does not divide into micro-batches of {2} on {1} data-parallel ranks",
          layout.global_batch, layout.data, layout.micro_batch);
    case Rule::kNoExperts:
      return fmt::format("expert parallelism {} needs experts, but the model is dense",
                         layout.expert);
    case Rule::kExperts:
      return fmt::format(
          "expert parallelism {} does not divide the {} experts and the {} chips of a stage",
          layout.expert, shape.experts.count, layout.data * layout.context * layout.tensor);
    case Rule::kInterleaving:
      return fmt::format(
          "interleaving needs the {} micro-batches to be a multiple of the {} stages",
          layout.micro_batches(), layout.pipeline);
    case Rule::kDualPipe:
      return fmt::format(
          "DualPipe needs an even number of stages and as many micro-batches, not {} and {}",
          layout.pipeline, layout.micro_batches());
    case Rule::kZero:
      return fmt::format("ZeRO has stages 0 to 3, not {}", layout.zero);
    case Rule::kShardedPipeline:
      return "ZeRO-3 under a pipeline would gather every weight for every micro-batch (use ZeRO-1)";
    case Rule::kShardGroup:
      if (layout.zero != 3)
        return fmt::format("HSDP (a copy of the weights on {} replicas) needs ZeRO-3, not ZeRO-{}",
                           layout.shard_group, layout.zero);
      return fmt::format("HSDP with a copy on {} replicas does not divide the {} replicas",
                         layout.shard_group, layout.data * layout.context);
    case Rule::kFormat:
      return fmt::format("{} has no {}", chip.name,
                         layout.precision == Precision::kNvfp4 ? "FP4" : "FP8");
    case Rule::kCount:
      break;
  }
  return {};
}

std::optional<std::string> broken_rule(const Layout& layout, const model::TransformerShape& shape,
                                       const ChipFigures& chip) {
  const Rule rule = first_broken_rule(layout, shape, chip);
  if (rule == Rule::kNone) return std::nullopt;
  return explain(rule, layout, shape, chip);
}

}  // namespace isobar::plan
