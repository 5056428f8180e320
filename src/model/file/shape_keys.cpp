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
    whole("shape", "layers", 1, 1000, "required", of<&T::layers>, "Layers.", kTrainer),
    whole("shape", "heads", 1, 1024, "required", of<&T::heads>, "Heads of queries.", kTrainer),
    whole("shape", "width", 1, kWidest, "required", of<&T::width>,
          "Channels of the residual stream.", kTrainer),
    whole("shape", "context", 1, kMostTokens, "required", of<&T::context>,
          "Tokens of a training sequence.", kTrainer),
    whole("shape", "vocabulary", 0, kMostTokens, "required", of<&T::vocabulary>,
          "Rows of the embedding, padding included. 0: as many as the trainer's data has.",
          kTrainer),
    truth("shape", "tied_embeddings", "true", of<&T::tied_embeddings>,
          "The output layer is the token embedding.", kTrainer),
    whole("shape", "kv_heads", 1, 1024, "heads", of<&T::kv_heads>,
          "Heads of keys and values (grouped-query attention)."),
    whole("shape", "head_width", 1, kWidestHead, "width / heads", of<&T::head_width>,
          "Channels of a head."),
    whole("shape", "feed_forward", 0, kWidestHidden, "4 x width", of<&T::feed_forward>,
          "Hidden channels of a dense feed-forward block."),
    choice<&T::activation>("activation", kActivations, "gelu",
                           "swiglu and geglu have three matrices, the others two."),
    choice<&T::norm>("norm", kNorms, "layer", "Layer norm, or root mean square."),
    choice<&T::positions>("positions", kPositions, "learned", "How a token knows its place."),
    truth("shape", "norm_bias", "bias", of<&T::norm_bias>, "Of layer norms."),
    truth("shape", "query_key_value_bias", "bias", of<&T::query_key_value_bias>,
          "Of the projections into attention."),
    truth("shape", "output_bias", "bias", of<&T::output_bias>, "Of attention's output projection."),
    truth("shape", "feed_forward_bias", "bias", of<&T::feed_forward_bias>,
          "Of the dense feed-forward block."),
    truth("shape", "head_bias", "false", of<&T::head_bias>, "Of the output layer."),
    truth("shape", "query_key_norm", "false", of<&T::query_key_norm>,
          "A norm over each head's queries and keys."),
    truth("shape", "sandwich_norm", "false", of<&T::sandwich_norm>, "A norm after each block too."),
    truth("shape", "parallel_blocks", "false", of<&T::parallel_blocks>,
          "Attention and feed-forward side by side under one norm."),
    truth("shape", "embedding_norm", "false", of<&T::embedding_norm>,
          "A norm after the embedding."),
    truth("shape", "attention_sinks", "false", of<&T::attention_sinks>,
          "A learned logit per head."),
    whole("shape", "window", 0, kMostTokens, "0", of<&T::window>,
          "Tokens that a windowed layer attends to. 0: no layer has a window."),
    whole("shape", "full_every", 0, 1000, "0", of<&T::full_every>,
          "Each so many-th layer has no window. 0: all have."),
    whole("shape", "prediction_modules", 0, 16, "0", of<&T::prediction_modules>,
          "Modules for multi-token prediction, each a layer with the output layer once more."),
    {.table = "shape",
     .key = "pattern",
     .fallback = "none",
     .help =
         "One letter a layer, in hybrids whose layers have a single block: * attention, M state "
         "space, E experts, - feed-forward.",
     .text = of<&T::pattern>},
    whole("latent", "query_rank", 0, kWidest, "0", latent<&LatentAttention::query_rank>,
          "Of compressed queries. 0: they are not compressed."),
    whole("latent", "key_value_rank", 1, kWidest, "required",
          latent<&LatentAttention::key_value_rank>, "Of compressed keys and values together."),
    whole("latent", "plain_width", 0, kWidestHead, "0", latent<&LatentAttention::plain_width>,
          "Channels of a query or key without rotary position."),
    whole("latent", "rotary_width", 0, kWidestHead, "0", latent<&LatentAttention::rotary_width>,
          "Channels with it; all heads share these of the key."),
    whole("latent", "value_width", 1, kWidestHead, "required",
          latent<&LatentAttention::value_width>, "Channels of a value."),
    whole("experts", "count", 1, 4096, "required", experts<&Experts::count>,
          "Routed experts of a layer."),
    whole("experts", "active", 1, 4096, "required", experts<&Experts::active>,
          "Routed experts that a token visits."),
    whole("experts", "width", 1, kWidestHidden, "required", experts<&Experts::width>,
          "Hidden channels of one."),
    whole("experts", "shared_width", 0, kWidestHidden, "0", experts<&Experts::shared_width>,
          "Hidden channels of all shared experts together."),
    whole("experts", "first_dense", 0, 1000, "0", experts<&Experts::first_dense>,
          "Layers at the bottom without experts."),
    whole("experts", "every", 1, 1000, "1", experts<&Experts::every>,
          "Of the layers above those, each so many-th has experts."),
    whole("experts", "groups", 1, 4096, "1", experts<&Experts::groups>,
          "Groups of experts, for node-limited routing ..."),
    whole("experts", "active_groups", 1, 4096, "1", experts<&Experts::active_groups>,
          "... and how many of them a token may visit."),
    whole("experts", "latent_width", 0, kWidest, "0", experts<&Experts::latent_width>,
          "Channels that routed experts work on, after a projection. 0: the residual stream."),
    truth("experts", "bias", "false", experts<&Experts::bias>, "Of the experts' matrices."),
    truth("experts", "router_bias", "false", experts<&Experts::router_bias>,
          "One per expert, learned or adjusted to balance the load."),
    truth("experts", "gated_shared", "false", experts<&Experts::gated_shared>,
          "A learned gate scales the shared expert."),
    whole("state_space", "heads", 1, 4096, "required", state<&StateSpace::heads>,
          "Heads of a Mamba-2 layer."),
    whole("state_space", "head_width", 1, 1U << 12U, "required", state<&StateSpace::head_width>,
          "Channels of one."),
    whole("state_space", "groups", 1, 4096, "1", state<&StateSpace::groups>,
          "Groups of heads that share the projections of the state."),
    whole("state_space", "state", 1, 1U << 12U, "required", state<&StateSpace::state>,
          "Size of a channel's state."),
    whole("state_space", "convolution", 0, 64, "4", state<&StateSpace::convolution>,
          "Tokens that the convolution before the scan spans."),
    whole("state_space", "chunk", 1, 1U << 16U, "256", state<&StateSpace::chunk>,
          "Tokens whose interactions are matrix products."),
});

}  // namespace

std::span<const ShapeKey> shape_keys() { return kKeys; }

}  // namespace isobar::model
