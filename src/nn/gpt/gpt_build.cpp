// Lays out a GPT: its layers over the parameter store, and every buffer a pass needs.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "nn/gpt/gpt_impl.h"
#include "nn/launch.h"

namespace isobar::nn {

Linear Gpt::Impl::linear(const std::string& name, std::uint32_t out, std::uint32_t in) {
  Linear layer{.in = in,
               .out = out,
               .weight = store.tensor(name + ".weight", Kind::kWeight),
               .d_weight = store.tensor(name + ".weight", Kind::kGradient),
               .transposed = allocate(cl, std::uint64_t{in} * out)};
  if (shape.bias) {
    layer.bias = store.tensor(name + ".bias", Kind::kWeight);
    layer.d_bias = store.tensor(name + ".bias", Kind::kGradient);
  }
  return layer;
}

LayerNorm Gpt::Impl::layer_norm(const std::string& name) {
  LayerNorm layer{.width = shape.width,
                  .epsilon = shape.layer_norm_epsilon,
                  .weight = store.tensor(name + ".weight", Kind::kWeight),
                  .d_weight = store.tensor(name + ".weight", Kind::kGradient)};
  if (shape.bias) {
    layer.bias = store.tensor(name + ".bias", Kind::kWeight);
    layer.d_bias = store.tensor(name + ".bias", Kind::kGradient);
  }
  return layer;
}

Block Gpt::Impl::block(std::uint32_t layer) {
  const std::string h = fmt::format("h.{}.", layer);
  const std::uint32_t c = shape.width;
  const std::uint64_t m = std::uint64_t{batch} * shape.context;
  Block b{.norm1 = layer_norm(h + "ln_1"),
          .norm2 = layer_norm(h + "ln_2"),
          .attention_in = linear(h + "attn.c_attn", 3 * c, c),
          .attention_out = linear(h + "attn.c_proj", c, c),
          .mlp_in = linear(h + "mlp.c_fc", 4 * c, c),
          .mlp_out = linear(h + "mlp.c_proj", c, 4 * c)};
  b.normed1 = allocate(cl, m * c);
  b.statistics1 = allocate(cl, m * 2);
  b.qkv = allocate(cl, m * 3 * c);
  b.probabilities = allocate(cl, attention_shape(batch).scores());
  b.dropped = shape.dropout > 0 ? allocate(cl, attention_shape(batch).scores()) : b.probabilities;
  b.attended = allocate(cl, m * c);
  b.middle = allocate(cl, m * c);
  b.normed2 = allocate(cl, m * c);
  b.statistics2 = allocate(cl, m * 2);
  b.hidden = allocate(cl, m * 4 * c);
  b.activated = allocate(cl, m * 4 * c);
  b.out = allocate(cl, m * c);
  return b;
}

MemoryNeeds memory_needs(const model::GptShape& s, std::uint32_t batch) {
  const double layers = s.layers, heads = s.heads, c = s.width, t = s.context;
  const double rows = double{t} * batch, padded = padded_vocabulary(s);
  const double scores = rows * t * heads;
  const auto stored = static_cast<double>(ParameterStore::stored_elements(s));
  const double sums = std::ceil(rows / kSumChunk) * 4 * c;
  MemoryNeeds needs;
  // Four values for each parameter, and a transposed copy of each layer's matrices and the
  // output's.
  needs.state = 4 * stored + layers * 12 * c * c + padded * c;
  // As block() and Impl() below allocate them.
  needs.activations = layers * (rows * (16 * c + 4) + scores * (s.dropout > 0 ? 2 : 1)) +
                      rows * (9 * c + 2 + padded + 1) + scores +
                      std::max<double>(sums, kNormGroups) + 4 + 5 * rows + 1;
  needs.kept = 2 * layers * t * c;
  needs.largest = std::max({stored, scores, rows * padded, rows * 4 * c, 5 * rows + 1});
  for (double* elements : {&needs.state, &needs.activations, &needs.kept, &needs.largest})
    *elements *= sizeof(float);
  return needs;
}

Gpt::Impl::Impl(ClContext& context, const model::GptShape& model_shape, std::uint32_t max_batch,
                std::uint64_t model_seed)
    : cl(context),
      shape(model_shape),
      batch(max_batch),
      seed(model_seed),
      store(context, model_shape, model_seed) {
  const std::uint32_t c = shape.width, padded = padded_vocabulary(shape);
  const std::uint64_t m = std::uint64_t{batch} * shape.context;
  token_embedding = store.tensor("wte.weight", Kind::kWeight);
  d_token_embedding = store.tensor("wte.weight", Kind::kGradient);
  position_embedding = store.tensor("wpe.weight", Kind::kWeight);
  d_position_embedding = store.tensor("wpe.weight", Kind::kGradient);
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) blocks.push_back(block(layer));
  final_norm = layer_norm("ln_f");
  const std::string head = shape.tied_embeddings ? "wte.weight" : "lm_head.weight";
  output = {.in = c,
            .out = padded,
            .weight = store.tensor(head, Kind::kWeight),
            .d_weight = store.tensor(head, Kind::kGradient),
            .transposed = allocate(cl, std::uint64_t{c} * padded)};

  embedded = allocate(cl, m * c);
  normed = allocate(cl, m * c);
  statistics = allocate(cl, m * 2);
  logits = allocate(cl, m * padded);
  losses = allocate(cl, m);
  d_stream = allocate(cl, m * c);
  d_branch = allocate(cl, m * c);
  d_wide = allocate(cl, m * 4 * c);
  d_scores = allocate(cl, attention_shape(batch).scores());
  transposed_heads = allocate(cl, m * c);
  const auto rows = static_cast<std::uint32_t>(m);
  scratch = allocate(cl, std::max<std::uint64_t>(column_sum_scratch(rows, 4 * c), kNormGroups));
  results = allocate(cl, 4);
  const Tensor all = allocate(cl, 5 * m + 1);
  feed.inputs = all.from(0, rows);
  feed.targets = all.from(rows, rows);
  feed.distinct = all.from(2 * rows, rows);
  feed.starts = all.from(3 * rows, rows + 1);
  feed.places = all.from(4 * rows + 1, rows);
}

}  // namespace isobar::nn
