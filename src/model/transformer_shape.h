// The shape of a decoder-only transformer, dense or a mixture of experts: what a published
// configuration says, and no more. Everything else (parameters, operators, FLOPs, bytes) follows
// from it in operators.h and transformer_counts.h.
//
// Covered: grouped-query and multi-head latent attention, sliding windows in some layers, gated and
// plain feed-forward blocks, shared and routed experts, modules for multi-token prediction, and
// state-space (Mamba-2) layers in between. Encoders, cross-attention and vision towers are not
// here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/gpt_shape.h"

namespace isobar::model {

/// What stands between the matrices of a feed-forward block. The gated ones have three matrices,
/// the others two.
enum class Activation : std::uint8_t { kGelu, kRelu, kSquaredRelu, kSwiGlu, kGeGlu };
enum class Norm : std::uint8_t { kLayer, kRms };
enum class Positions : std::uint8_t { kLearned, kRotary, kAlibi, kNone };

/// Multi-head latent attention (DeepSeek-V2, 2024, section 2.1). All widths are of one head, the
/// ranks of the compressed queries, and of the keys and values together.
struct LatentAttention {
  std::uint32_t query_rank = 0;  // 0: queries are not compressed (DeepSeek-V2-Lite)
  std::uint32_t key_value_rank = 0;
  std::uint32_t plain_width = 0;   // of a query or key, without rotary position
  std::uint32_t rotary_width = 0;  // with it; one key of this width serves all heads
  std::uint32_t value_width = 0;
  friend bool operator==(const LatentAttention&, const LatentAttention&) = default;
};

/// A mixture of experts in place of the feed-forward block of some layers.
struct Experts {
  std::uint32_t count = 0;         // routed experts of a layer; 0: the model is dense
  std::uint32_t active = 0;        // routed experts a token visits
  std::uint32_t width = 0;         // of an expert's hidden layer
  std::uint32_t shared_width = 0;  // of all experts that every token visits, together; 0: none
  std::uint32_t first_dense = 0;   // layers at the bottom that have none
  std::uint32_t every = 1;         // of the layers above those, each `every`-th has experts
  std::uint32_t groups = 1;        // node-limited routing: groups of experts (devices or nodes) ...
  std::uint32_t active_groups = 1;  // ... and how many of them a token may visit
  std::uint32_t latent_width = 0;   // routed experts work on a projection this wide; 0: on `width`
  bool bias = false;                // of the experts' matrices
  bool router_bias = false;         // one per expert, learned or adjusted to balance the load
  bool gated_shared = false;        // a learned gate scales the shared expert (Qwen2-MoE)
  friend bool operator==(const Experts&, const Experts&) = default;
};

/// State-space layers of the Mamba-2 kind (Dao and Gu, 2024), in hybrids with attention.
struct StateSpace {
  std::uint32_t heads = 0;
  std::uint32_t head_width = 0;
  std::uint32_t groups = 1;  // that share the input and output projections of the state
  std::uint32_t state = 0;   // size of a channel's state
  std::uint32_t convolution = 4;
  std::uint32_t chunk = 256;  // tokens whose interactions are computed as matrix products
  friend bool operator==(const StateSpace&, const StateSpace&) = default;
};

struct TransformerShape {
  std::uint32_t layers = 0;
  std::uint32_t width = 0;         // channels of the residual stream
  std::uint32_t heads = 0;         // of queries
  std::uint32_t kv_heads = 0;      // of keys and values; heads: plain multi-head attention
  std::uint32_t head_width = 0;    // channels of a head; not always width / heads
  std::uint32_t context = 0;       // tokens of a training sequence
  std::uint32_t vocabulary = 0;    // rows of the embedding, padding included
  std::uint32_t feed_forward = 0;  // hidden channels of a dense feed-forward block

  Activation activation = Activation::kGelu;
  Norm norm = Norm::kLayer;
  Positions positions = Positions::kLearned;
  bool tied_embeddings = true;  // the output layer is the token embedding
  bool norm_bias = false;       // where norm is kLayer
  bool query_key_value_bias = false;
  bool output_bias = false;  // of attention's output projection
  bool feed_forward_bias = false;
  bool head_bias = false;        // of the output layer
  bool query_key_norm = false;   // a norm over each head's queries and keys
  bool sandwich_norm = false;    // a norm after each block too
  bool parallel_blocks = false;  // attention and feed-forward side by side under one norm
  bool embedding_norm = false;   // a norm after the embedding (BLOOM)
  bool attention_sinks = false;  // a learned logit per head (GPT-OSS)
  std::uint32_t window = 0;      // tokens that a windowed layer attends to; 0: no windows
  std::uint32_t full_every = 0;  // where window > 0: each `full_every`-th layer has none; 0: all
                                 // have
  std::uint32_t prediction_modules = 0;  // multi-token prediction (DeepSeek-V3, section 2.2)

  LatentAttention latent;  // key_value_rank > 0 switches it on
  Experts experts;
  StateSpace state_space;
  /// One letter a layer in hybrids whose layers have a single block: '*' attention, 'M' state
  /// space, 'E' experts, '-' dense feed-forward. Empty: every layer has attention and then
  /// feed-forward.
  std::string pattern;

  friend bool operator==(const TransformerShape&, const TransformerShape&) = default;

  [[nodiscard]] bool is_latent() const { return latent.key_value_rank > 0; }
  [[nodiscard]] bool has_experts() const { return experts.count > 0; }
  [[nodiscard]] bool is_gated() const {
    return activation == Activation::kSwiGlu || activation == Activation::kGeGlu;
  }
  /// Channels of a query or key of one head, and of a value.
  [[nodiscard]] std::uint32_t query_key_width() const {
    return is_latent() ? latent.plain_width + latent.rotary_width : head_width;
  }
  [[nodiscard]] std::uint32_t value_width() const {
    return is_latent() ? latent.value_width : head_width;
  }
};

/// Which blocks a layer has. Layers of one kind are alike in every operator.
struct LayerKind {
  bool attention = true;
  bool windowed = false;
  bool state_space = false;
  bool dense = true;  // a dense feed-forward block
  bool experts = false;
  friend auto operator<=>(const LayerKind&, const LayerKind&) = default;
};
/// Layer 0 stands on the embedding.
[[nodiscard]] LayerKind layer_kind(const TransformerShape& shape, std::uint32_t layer);

/// Of the layer in a module for multi-token prediction: as the last one, with attention.
[[nodiscard]] LayerKind prediction_kind(const TransformerShape& shape);

/// Layers of one kind, wherever they stand.
struct LayerGroup {
  LayerKind kind;
  std::uint32_t count = 0;
};
/// In order of first appearance; counts sum to shape.layers. Prediction modules are not counted.
[[nodiscard]] std::vector<LayerGroup> layer_groups(const TransformerShape& shape);

/// The same shape in the wider description. `vocabulary` must be known.
[[nodiscard]] TransformerShape to_transformer(const GptShape& shape);

/// Throws UserError "<where>: <what is wrong> (<what would be right>)" unless the shape is whole
/// and of a size that counts fit (10^15 parameters).
void check(const TransformerShape& shape, const std::string& where);

}  // namespace isobar::model
