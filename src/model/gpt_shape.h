// The shape of a GPT, and what follows from it alone: its parameters and its FLOPs.
//
// A decoder-only transformer as GPT-2's: learned positions, layer norm before each block, causal
// attention, a GELU MLP four times as wide. Mixtures of experts and rotary positions are not here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace isobar::model {

/// Exact: x/2 (1 + erf(x/sqrt 2)), as nanoGPT. Tanh: the approximation of GPT-2 and llm.c.
enum class Gelu : std::uint8_t { kExact, kTanh };

struct GptShape {
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;
  std::uint32_t width = 0;       // channels of the residual stream; heads must divide it
  std::uint32_t context = 0;     // tokens
  std::uint32_t vocabulary = 0;  // 0 in a model file: as many as the tokeniser of the data has
  bool bias = false;             // of linear layers and layer norms
  bool tied_embeddings = true;   // the output layer is the token embedding
  Gelu gelu = Gelu::kExact;
  float dropout = 0;  // probability, 0 <= dropout < 1
  float layer_norm_epsilon = 1e-5F;

  friend bool operator==(const GptShape&, const GptShape&) = default;
};

struct ParameterInfo {
  std::string name;                  // e.g. "h.0.attn.c_attn.weight"
  std::vector<std::uint32_t> shape;  // row-major; linear weights are (out, in)
  bool decays = false;               // weight decay: matrices and embeddings, not vectors
  [[nodiscard]] std::uint64_t elements() const;
};

/// Every parameter once, in llm.c's order of tensors within GPT-2's names: wte, wpe, then layer by
/// layer ln_1, attn.c_attn, attn.c_proj, ln_2, mlp.c_fc, mlp.c_proj, then ln_f (then lm_head if
/// untied).
[[nodiscard]] std::vector<ParameterInfo> parameters(const GptShape& shape);
[[nodiscard]] std::uint64_t parameter_count(const GptShape& shape);

/// Training FLOPs per token, forward and backward: 6 N + 12 L H Q T (PaLM, appendix B), where N
/// leaves out the position embedding (and the token embedding where it is not the output layer
/// too), Q is the width of a head, and causality does not halve attention.
[[nodiscard]] std::uint64_t training_flops_per_token(const GptShape& shape);

/// Throws UserError, "<where>: <what is wrong> (<what would be right>)", unless the shape can be
/// built. `vocabulary` may still be 0.
void check(const GptShape& shape, const std::string& where);

}  // namespace isobar::model
