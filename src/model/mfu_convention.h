// How a model-FLOPs utilisation counts: one convention for plan, train and explain, named in each
// of their outputs and switched by the same words (`--mfu`).
//
// Counted are the matrix products and the attention of the model, forward and backward, once:
// recomputation is not (that is the HFU), and modules for multi-token prediction are not, as in
// their authors' own figures (DeepSeek-AI, arXiv:2505.09343, table 4). Of causal attention either
// the half that is computed counts, which is the default, since then the useful share of a ledger
// is the MFU; or all of it, as in 6 N + 12 L H Q T (PaLM, appendix B).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/gpt_shape.h"
#include "model/transformer_counts.h"

namespace isobar::model {

inline constexpr AttentionConvention kUsualAttention = AttentionConvention::kCausal;

/// "causal-halved" or "full".
[[nodiscard]] std::string_view name_of(AttentionConvention convention);
[[nodiscard]] std::optional<AttentionConvention> attention_convention(std::string_view name);
/// "6 N + 6 L H Q T per token (causal attention halved), ...".
[[nodiscard]] std::string mfu_sentence(AttentionConvention convention);

/// Of one token, forward and backward.
struct CountedFlops {
  double products = 0, attention = 0;
  [[nodiscard]] double total() const { return products + attention; }
};
[[nodiscard]] CountedFlops counted_flops(const TransformerShape& shape, std::uint32_t sequence,
                                         AttentionConvention convention);
/// Those of multi-token prediction, which are not counted.
[[nodiscard]] double prediction_flops(const TransformerShape& shape, std::uint32_t sequence);

/// Of one token of a GPT that is trained here, at its own context.
[[nodiscard]] std::uint64_t counted_flops(const GptShape& shape, AttentionConvention convention);

}  // namespace isobar::model
