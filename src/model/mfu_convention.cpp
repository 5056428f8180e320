#include "model/mfu_convention.h"

#include <array>
#include <utility>

namespace isobar::model {
namespace {

constexpr std::array kNames{
    std::pair{std::string_view("causal-halved"), AttentionConvention::kCausal},
    std::pair{std::string_view("full"), AttentionConvention::kFull}};

void add(CountedFlops& sum, const std::vector<Operator>& operators, double times,
         std::uint32_t sequence, AttentionConvention convention) {
  for (const Operator& op : operators)
    (op.kind == OperatorKind::kAttention ? sum.attention : sum.products) +=
        times * forward_flops(op, sequence, convention);
}

}  // namespace

std::string_view name_of(AttentionConvention convention) {
  for (const auto& [name, value] : kNames)
    if (value == convention) return name;
  return {};
}

std::optional<AttentionConvention> attention_convention(std::string_view name) {
  for (const auto& [known, value] : kNames)
    if (known == name) return value;
  return std::nullopt;
}

std::string mfu_sentence(AttentionConvention convention) {
  return std::string(convention == AttentionConvention::kCausal
                         ? "6 N + 6 L H Q T per token (causal attention halved)"
                         : "6 N + 12 L H Q T per token (attention in full)") +
         ", without recomputation and multi-token prediction";
}

CountedFlops counted_flops(const TransformerShape& shape, std::uint32_t sequence,
                           AttentionConvention convention) {
  constexpr double kForwardAndBackward = 3;
  CountedFlops sum;
  add(sum, head_operators(shape), kForwardAndBackward, sequence, convention);
  for (const LayerGroup& group : layer_groups(shape))
    add(sum, layer_operators(shape, group.kind), kForwardAndBackward * group.count, sequence,
        convention);
  return sum;
}

double prediction_flops(const TransformerShape& shape, std::uint32_t sequence) {
  return training_flops_per_token(shape, sequence, AttentionConvention::kCausal) -
         counted_flops(shape, sequence, AttentionConvention::kCausal).total();
}

std::uint64_t counted_flops(const GptShape& shape, AttentionConvention convention) {
  const std::uint64_t full = training_flops_per_token(shape);
  if (convention == AttentionConvention::kFull) return full;
  return full - 6ULL * shape.layers * shape.width * shape.context;
}

}  // namespace isobar::model
