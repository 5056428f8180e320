// What a Gpt holds: its layers over the parameter store, the activations of one pass, and what the
// host feeds. Private to nn/gpt*.cpp.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/gpt/gpt.h"
#include "nn/layers.h"
#include "nn/parameter_store.h"

namespace isobar::nn {

/// One transformer block and its activations. M = B T rows, C channels.
struct Block {
  LayerNorm norm1, norm2;
  Linear attention_in, attention_out, mlp_in, mlp_out;
  Tensor normed1, statistics1;    // (M, C), (M, 2)
  Tensor qkv;                     // (M, 3 C)
  Tensor probabilities, dropped;  // (B, H, T, T)
  Tensor attended;                // (M, C)
  Tensor middle;                  // (M, C): the residual stream after attention
  Tensor normed2, statistics2;    // (M, C), (M, 2)
  Tensor hidden, activated;       // (M, 4 C), before and after GELU
  Tensor out;                     // (M, C): the residual stream after the MLP
};

/// Token ids and, for the embedding's gradient, where each distinct token stands: one upload.
struct Feed {
  Tensor inputs, targets;           // (M) of int32
  Tensor distinct, starts, places;  // (M), (M + 1), (M) of int32
  std::uint32_t distinct_count = 0;
  std::vector<std::int32_t> staging;  // what the upload in flight reads
  cl::Event uploaded;
};

/// Places in what was enqueued last, which the device reports as it passes them.
class Marks {
 public:
  void start();  // of another pass: the old marks are gone
  /// `done` of `all` parts of the phase are over once the device is here.
  void set(ClContext& cl, const char* phase, std::uint32_t done, std::uint32_t all);
  [[nodiscard]] std::optional<PassProgress> progress() const;

 private:
  struct Mark {
    PassProgress at;
    cl::Event reached;
  };
  mutable std::mutex guard_;
  std::vector<Mark> marks_;
};

/// What next_logits() keeps of the tokens it has passed; allocated by its first call.
struct KeptTokens {
  std::vector<Tensor> keys, values;   // of each layer: (C, T), (T, C)
  std::vector<std::int32_t> tokens;   // at positions 0 and on
  std::uint64_t weights_version = 0;  // that they were passed with
  std::uint32_t passed = 0;           // by the last call
};

struct Gpt::Impl {
  Impl(ClContext& context, const model::GptShape& model_shape, std::uint32_t max_batch,
       std::uint64_t model_seed);

  // gpt_build.cpp: layers and buffers.
  Linear linear(const std::string& name, std::uint32_t out, std::uint32_t in);
  LayerNorm layer_norm(const std::string& name);
  Block block(std::uint32_t layer);

  // gpt_feed.cpp: checks the tokens and uploads them; returns the number of sequences.
  std::uint32_t feed_batch(std::span<const std::int32_t> inputs,
                           std::span<const std::int32_t> targets);
  /// Checks a few tokens of one sequence and uploads them as the first inputs.
  void feed_tokens(std::span<const std::int32_t> tokens);

  // gpt_generate.cpp: passes tokens that stand at `first` and after it, over what is kept.
  void pass_on(std::span<const std::int32_t> tokens, std::uint32_t first);
  void pass_on_block(std::uint32_t layer, const Tensor& x, std::uint32_t rows, std::uint32_t first);

  // gpt_passes.cpp: one list of launches each.
  void refresh_weights();
  void forward(std::uint32_t sequences, bool training);
  void forward_block(Block& b, const Tensor& x, std::uint32_t layer, std::uint32_t sequences,
                     bool training);
  void loss(std::uint32_t sequences, const Tensor& result);
  void backward(std::uint32_t sequences);
  void backward_block(Block& b, const Tensor& x, std::uint32_t layer, std::uint32_t sequences);
  void optimise(const AdamW& settings, float learning_rate, float gradient_clip);

  /// The dropout at a place of the model; probability 0 outside training.
  [[nodiscard]] DropoutSite site(std::uint32_t layer, std::uint32_t place, bool training) const;
  [[nodiscard]] AttentionShape attention_shape(std::uint32_t sequences) const {
    return {sequences, shape.context, shape.heads, shape.width};
  }

  ClContext& cl;
  model::GptShape shape;
  std::uint32_t batch;
  std::uint64_t seed;
  std::uint64_t steps_done = 0;
  bool weights_changed = true;        // the transposed copies are stale
  std::uint64_t weights_version = 1;  // counts changes
  ParameterStore store;

  Tensor token_embedding, d_token_embedding, position_embedding, d_position_embedding;
  std::vector<Block> blocks;
  LayerNorm final_norm;
  Linear output;  // weight: the token embedding if tied

  Tensor embedded;                    // (M, C)
  Tensor normed, statistics;          // (M, C), (M, 2)
  Tensor logits;                      // (M, padded vocabulary); after the loss: their gradient
  Tensor losses;                      // (M)
  Tensor d_stream, d_branch;          // (M, C): of the residual stream; of a branch's end
  Tensor d_wide;                      // (M, 4 C): of the MLP's hidden layer, of qkv
  Tensor d_scores, transposed_heads;  // attention's: (B, H, T, T), (B, H, C/H, T)
  Tensor scratch;                     // column sums, sums of squares
  Tensor results;                     // (4): loss, gradient norm, clipping factor, evaluation loss
  Feed feed;
  KeptTokens kept;
  Marks marks;
};

inline constexpr std::uint32_t kNormGroups = 256;  // partial sums of squares

// Places of dropout within a layer; the embedding's is place 0 of layer 0xFFFF.
inline constexpr std::uint32_t kEmbeddingLayer = 0xFFFF;
inline constexpr std::uint32_t kAttentionPlace = 1, kAttentionOutPlace = 2, kMlpOutPlace = 3;

}  // namespace isobar::nn
