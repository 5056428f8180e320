#include "model/file/shape_keys.h"

#include <array>

namespace isobar::model {
namespace {

using T = TransformerShape;

constexpr std::uint64_t kWidest = 1U << 18U;
constexpr std::uint64_t kWidestHidden = 1U << 20U;
constexpr std::uint64_t kWidestHead = 1U << 14U;
constexpr std::uint64_t kMostTokens = 1U << 24U;

constexpr std::array kActivations{"gelu", "relu", "squared-relu", "swiglu", "geglu"};
constexpr std::array kNorms{"layer", "rms"};
constexpr std::array kPositions{"learned", "rotary", "alibi", "none"};

using Whole = std::uint32_t& (*)(T&);
using Truth = bool& (*)(T&);

constexpr ShapeKey whole(const char* table, const char* key, std::uint64_t low, std::uint64_t high,
                         const char* fallback, Whole field, const char* help,
                         bool trainable = false) {
  return {.table = table,
          .key = key,
          .fallback = fallback,
          .help = help,
          .whole = field,
          .low = low,
          .high = high,
          .trainable = trainable};
}
constexpr ShapeKey truth(const char* table, const char* key, const char* fallback, Truth field,
                         const char* help, bool trainable = false) {
  return {.table = table,
          .key = key,
          .fallback = fallback,
          .help = help,
          .truth = field,
          .trainable = trainable};
}
template <auto member>
constexpr ShapeKey choice(const char* key, std::span<const char* const> names, const char* fallback,
                          const char* help) {
  return {.table = "shape",
          .key = key,
          .fallback = fallback,
          .help = help,
          .names = names,
          .chosen = [](const T& s) { return static_cast<std::size_t>(s.*member); },
          .choose =
              [](T& s, std::size_t i) {
                s.*member = static_cast<std::remove_reference_t<decltype(s.*member)>>(i);
              }};
}
template <auto member>
auto& of(T& shape) {
  return shape.*member;
}
template <auto member>
std::uint32_t& latent(T& shape) {
  return shape.latent.*member;
}
template <auto member>
auto& experts(T& shape) {
  return shape.experts.*member;
}
template <auto member>
std::uint32_t& state(T& shape) {
  return shape.state_space.*member;
}

constexpr bool kTrainer = true;
constexpr auto kKeys = std::to_array<ShapeKey>({
    whole("shape", "layers", 1, 1000, "required", of<&T::layers>, "Number of layers.", kTrainer),
    whole("shape", "heads", 1, 1024, "required", of<&T::heads>, "Number of query heads.", kTrainer),
    whole("shape", "width", 1, kWidest, "required", of<&T::width>,
          "Width of the residual stream, in channels.", kTrainer),
    whole("shape", "context", 1, kMostTokens, "required", of<&T::context>,
          "Length of a training sequence, in tokens.", kTrainer),
    whole("shape", "vocabulary", 0, kMostTokens, "required", of<&T::vocabulary>,
          "Rows of the embedding, with padding. 0: as many as the tokeniser of the training data "
          "has.",
          kTrainer),
    truth("shape", "tied_embeddings", "true", of<&T::tied_embeddings>,
          "The output layer is the token embedding.", kTrainer),
    whole("shape", "kv_heads", 1, 1024, "heads", of<&T::kv_heads>,
          "Number of key and value heads (grouped-query attention)."),
    whole("shape", "head_width", 1, kWidestHead, "width / heads", of<&T::head_width>,
          "Width of a head, in channels."),
    whole("shape", "feed_forward", 0, kWidestHidden, "4 x width", of<&T::feed_forward>,
          "Hidden width of a dense feed-forward block, in channels."),
    choice<&T::activation>(
        "activation", kActivations, "gelu",
        "Activation function; swiglu and geglu have three matrices, the others two."),
    choice<&T::norm>("norm", kNorms, "layer", "Layer norm or RMS norm."),
    choice<&T::positions>("positions", kPositions, "learned", "Position encoding."),
    truth("shape", "norm_bias", "bias", of<&T::norm_bias>, "Biases of the layer norms."),
    truth("shape", "query_key_value_bias", "bias", of<&T::query_key_value_bias>,
          "Biases of the query, key and value projections."),
    truth("shape", "output_bias", "bias", of<&T::output_bias>,
          "Biases of the output projection of attention."),
    truth("shape", "feed_forward_bias", "bias", of<&T::feed_forward_bias>,
          "Biases of the dense feed-forward block."),
    truth("shape", "head_bias", "false", of<&T::head_bias>, "Bias of the output layer."),
    truth("shape", "query_key_norm", "false", of<&T::query_key_norm>,
          "A norm over the queries and keys of each head."),
    truth("shape", "sandwich_norm", "false", of<&T::sandwich_norm>,
          "A norm after each block, in addition to the one before it."),
    truth("shape", "parallel_blocks", "false", of<&T::parallel_blocks>,
          "Attention and feed-forward block in parallel, with one norm."),
    truth("shape", "embedding_norm", "false", of<&T::embedding_norm>,
          "A norm after the embedding."),
    truth("shape", "attention_sinks", "false", of<&T::attention_sinks>,
          "A learned additional logit per head."),
    whole("shape", "window", 0, kMostTokens, "0", of<&T::window>,
          "Tokens that a layer with a window attends to. 0: no layer has a window."),
    whole("shape", "full_every", 0, 1000, "0", of<&T::full_every>,
          "Every layer whose number is a multiple of this has no window. 0: all layers have one."),
    whole("shape", "prediction_modules", 0, 16, "0", of<&T::prediction_modules>,
          "Number of modules for multi-token prediction; each is a layer and an output layer."),
    {.table = "shape",
     .key = "pattern",
     .fallback = "none",
     .help =
         "For hybrids whose layers have a single block, one letter per layer: * attention, M state "
         "space, E experts, - feed-forward.",
     .text = of<&T::pattern>},
    whole("latent", "query_rank", 0, kWidest, "0", latent<&LatentAttention::query_rank>,
          "Rank of compressed queries. 0: queries are not compressed."),
    whole("latent", "key_value_rank", 1, kWidest, "required",
          latent<&LatentAttention::key_value_rank>, "Rank of compressed keys and values together."),
    whole("latent", "plain_width", 0, kWidestHead, "0", latent<&LatentAttention::plain_width>,
          "Channels of a query or key without rotary position encoding."),
    whole("latent", "rotary_width", 0, kWidestHead, "0", latent<&LatentAttention::rotary_width>,
          "Channels with rotary position encoding; all heads share those of the key."),
    whole("latent", "value_width", 1, kWidestHead, "required",
          latent<&LatentAttention::value_width>, "Width of a value, in channels."),
    whole("experts", "count", 1, 4096, "required", experts<&Experts::count>,
          "Number of routed experts in a layer."),
    whole("experts", "active", 1, 4096, "required", experts<&Experts::active>,
          "Number of routed experts that a token visits."),
    whole("experts", "width", 1, kWidestHidden, "required", experts<&Experts::width>,
          "Hidden width of one expert, in channels."),
    whole("experts", "shared_width", 0, kWidestHidden, "0", experts<&Experts::shared_width>,
          "Hidden width of all shared experts together, in channels."),
    whole("experts", "first_dense", 0, 1000, "0", experts<&Experts::first_dense>,
          "Number of first layers without experts."),
    whole("experts", "every", 1, 1000, "1", experts<&Experts::every>,
          "Of the layers after those, one in this number has experts."),
    whole("experts", "groups", 1, 4096, "1", experts<&Experts::groups>,
          "Number of groups of experts, for node-limited routing."),
    whole("experts", "active_groups", 1, 4096, "1", experts<&Experts::active_groups>,
          "Number of groups that a token may visit."),
    whole("experts", "latent_width", 0, kWidest, "0", experts<&Experts::latent_width>,
          "Width that routed experts work on, after a projection. 0: the residual stream's."),
    truth("experts", "bias", "false", experts<&Experts::bias>, "Biases of the experts' matrices."),
    truth("experts", "router_bias", "false", experts<&Experts::router_bias>,
          "A bias per expert, learned or adjusted to balance the load."),
    truth("experts", "gated_shared", "false", experts<&Experts::gated_shared>,
          "A learned gate scales the shared expert."),
    whole("state_space", "heads", 1, 4096, "required", state<&StateSpace::heads>,
          "Number of heads of a Mamba-2 layer."),
    whole("state_space", "head_width", 1, 1U << 12U, "required", state<&StateSpace::head_width>,
          "Width of a head, in channels."),
    whole("state_space", "groups", 1, 4096, "1", state<&StateSpace::groups>,
          "Number of groups of heads; a group shares the projections of the state."),
    whole("state_space", "state", 1, 1U << 12U, "required", state<&StateSpace::state>,
          "Size of the state of a channel."),
    whole("state_space", "convolution", 0, 64, "4", state<&StateSpace::convolution>,
          "Tokens that the convolution before the scan covers."),
    whole("state_space", "chunk", 1, 1U << 16U, "256", state<&StateSpace::chunk>,
          "Tokens of a chunk, whose interactions are computed as matrix products."),
});

}  // namespace

std::span<const ShapeKey> shape_keys() { return kKeys; }

}  // namespace isobar::model
