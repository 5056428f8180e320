#include "cluster/layout.h"

#include <fmt/format.h>

#include <array>

namespace isobar::cluster {

std::string_view name_of(Precision precision) {
  constexpr std::array<std::string_view, 5> kNames{"bf16", "fp8", "fp8-block", "mxfp8", "nvfp4"};
  return kNames.at(static_cast<std::size_t>(precision));
}

std::string_view name_of(model::Recompute recompute) {
  constexpr std::array<std::string_view, 3> kNames{"none", "selective", "full"};
  return kNames.at(static_cast<std::size_t>(recompute));
}

std::string_view name_of(Schedule schedule) {
  constexpr std::array<std::string_view, 4> kNames{"1f1b", "interleaved", "zb-h1", "dualpipe"};
  return kNames.at(static_cast<std::size_t>(schedule));
}

std::string Layout::describe() const {
  std::string text = fmt::format("tp{} pp{} dp{}", tensor, pipeline, data);
  if (expert > 1) text += fmt::format(" ep{}", expert);
  if (context > 1) text += fmt::format(" cp{}", context);
  if (pipeline > 1) {
    text += fmt::format(" {}", name_of(schedule));
    if (virtual_stages > 1) text += fmt::format(" x{}", virtual_stages);
  }
  text += fmt::format(" mb{}", micro_batch);
  if (zero > 0) text += fmt::format(" zero{}", zero);
  if (recompute != Recompute::kNone) text += fmt::format(" recompute-{}", name_of(recompute));
  if (precision != Precision::kBf16) text += fmt::format(" {}", name_of(precision));
  if (offload_optimizer) text += " offload";
  return text;
}

namespace {

template <class... Args>
std::optional<std::string> says(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

}  // namespace

std::optional<std::string> broken_rule(const Layout& layout, const model::TransformerShape& shape,
                                       const ChipFigures& chip) {
  for (const std::uint32_t degree :
       {layout.tensor, layout.pipeline, layout.data, layout.expert, layout.context,
        layout.virtual_stages, layout.micro_batch, layout.global_batch, layout.sequence})
    if (degree == 0) return says("a degree or size of 0 (every one must be at least 1)");
  if (shape.heads % layout.tensor != 0)
    return says("tensor parallelism {} does not divide the {} heads", layout.tensor, shape.heads);
  // The embedding and the output layer may be a chunk each (Llama 3's report, section 3.3.2).
  if (layout.pipeline * layout.virtual_stages > shape.layers + 2)
    return says("{} stages of {} chunks are more than the {} layers", layout.pipeline,
                layout.virtual_stages, shape.layers);
  if (layout.sequence % layout.context != 0)
    return says("context parallelism {} does not divide the sequence of {}", layout.context,
                layout.sequence);
  if (layout.exchange == ContextExchange::kAllToAll && layout.context > 1 &&
      shape.kv_heads % (layout.context * layout.tensor) != 0)
    return says("all-to-all context parallelism {} x tensor {} does not divide the {} kv heads",
                layout.context, layout.tensor, shape.kv_heads);
  if (layout.global_batch % (layout.data * layout.micro_batch) != 0)
    return says("a batch of {} does not divide among {} data-parallel ranks of micro-batch {}",
                layout.global_batch, layout.data, layout.micro_batch);
  if (layout.expert > 1) {
    if (!shape.has_experts()) return says("expert parallelism {} of a dense model", layout.expert);
    if (shape.experts.count % layout.expert != 0)
      return says("expert parallelism {} does not divide the {} experts", layout.expert,
                  shape.experts.count);
    if ((layout.data * layout.context * layout.tensor) % layout.expert != 0)
      return says("expert parallelism {} does not divide the {} chips of a stage", layout.expert,
                  layout.data * layout.context * layout.tensor);
  }
  if (layout.virtual_stages > 1 && layout.micro_batches() % layout.pipeline != 0)
    return says("interleaving needs the {} micro-batches to be a multiple of the {} stages",
                layout.micro_batches(), layout.pipeline);
  if (layout.schedule == Schedule::kDualPipe && layout.pipeline > 1 &&
      (layout.pipeline % 2 != 0 || layout.micro_batches() < layout.pipeline))
    return says("DualPipe needs an even number of stages and as many micro-batches");
  if (layout.zero > 3) return says("ZeRO has stages 0 to 3, not {}", layout.zero);
  if (layout.zero >= 2 && layout.pipeline > 1 && layout.micro_batches() > 1 && layout.zero == 3)
    return says("ZeRO-3 under a pipeline would gather every weight for every micro-batch");
  const bool eight = layout.precision == Precision::kFp8Tensor ||
                     layout.precision == Precision::kFp8Block ||
                     layout.precision == Precision::kMxfp8;
  if (eight && chip.peak_8 <= 0) return says("{} has no FP8", chip.name);
  if (layout.precision == Precision::kNvfp4 && chip.peak_4 <= 0)
    return says("{} has no FP4", chip.name);
  return std::nullopt;
}

}  // namespace isobar::cluster
