// A training step as lists of launches, top to bottom: forward, loss, backward, optimiser.
#include <cmath>

#include "nn/gpt/gpt_impl.h"
#include "nn/launch.h"

namespace isobar::nn {
namespace {

/// The first `rows` rows of a (M, columns) activation.
Tensor rows_of(const Tensor& t, std::uint32_t rows, std::uint32_t columns) {
  return t.from(0, rows * columns);
}

}  // namespace

DropoutSite Gpt::Impl::site(std::uint32_t layer, std::uint32_t place, bool training) const {
  return {training ? shape.dropout : 0.0F, layer * 4 + place, steps_done, seed};
}

void Gpt::Impl::refresh_weights() {
  if (!weights_changed) return;
  for (const Block& b : blocks)
    for (const Linear* layer : {&b.attention_in, &b.attention_out, &b.mlp_in, &b.mlp_out})
      refresh_transposed(cl, *layer);
  refresh_transposed(cl, output);
  weights_changed = false;
}

void Gpt::Impl::forward(std::uint32_t sequences, bool training) {
  const std::uint32_t rows = sequences * shape.context;
  refresh_weights();
  launch(cl, "embedding_forward", {rows}, feed.inputs, token_embedding, position_embedding,
         embedded, shape.width, shape.context);
  const DropoutSite embedding_site = site(kEmbeddingLayer, 0, training);
  const Tensor stream = rows_of(embedded, rows, shape.width);
  if (embedding_site.probability > 0) dropout(cl, embedding_site, stream, stream);

  const Tensor* x = &embedded;
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    forward_block(blocks[layer], *x, layer, sequences, training);
    x = &blocks[layer].out;
    marks.set(cl, "forward", layer + 1, shape.layers);
  }
  layer_norm_forward(cl, final_norm, *x, normed, statistics, rows);
  linear_forward(cl, output, normed, logits, rows);
}

void Gpt::Impl::forward_block(Block& b, const Tensor& x, std::uint32_t layer,
                              std::uint32_t sequences, bool training) {
  const std::uint32_t rows = sequences * shape.context, c = shape.width;
  // The end of a branch joins the stream in the multiply itself, unless dropout comes between.
  const auto join = [&](const Linear& end, const Tensor& in, const Tensor& stream,
                        const Tensor& out, std::uint32_t place) {
    const DropoutSite at = site(layer, place, training);
    linear_forward(cl, end, in, out, rows,
                   at.probability > 0 ? std::nullopt : std::optional(stream));
    if (at.probability == 0) return;
    dropout(cl, at, rows_of(out, rows, c), rows_of(out, rows, c));
    add(cl, rows_of(stream, rows, c), rows_of(out, rows, c));
  };

  layer_norm_forward(cl, b.norm1, x, b.normed1, b.statistics1, rows);
  linear_forward(cl, b.attention_in, b.normed1, b.qkv, rows);
  const DropoutSite attention_site = site(layer, kAttentionPlace, training);
  const Tensor& dropped = attention_site.probability > 0 ? b.dropped : b.probabilities;
  attention_forward(cl, attention_shape(sequences), b.qkv,
                    {b.probabilities, dropped, d_scores, transposed_heads}, b.attended,
                    attention_site);
  join(b.attention_out, b.attended, x, b.middle, kAttentionOutPlace);

  layer_norm_forward(cl, b.norm2, b.middle, b.normed2, b.statistics2, rows);
  linear_forward(cl, b.mlp_in, b.normed2, b.hidden, rows);
  gelu_forward(cl, shape.gelu, rows_of(b.hidden, rows, 4 * c), b.activated);
  join(b.mlp_out, b.activated, b.middle, b.out, kMlpOutPlace);
}

void Gpt::Impl::loss(std::uint32_t sequences, const Tensor& result) {
  const std::uint32_t rows = sequences * shape.context;
  cross_entropy(cl, logits, feed.targets, losses, rows, shape.vocabulary, padded_vocabulary(shape));
  launch(cl, "mean_loss", {1}, losses, result, rows);
  marks.set(cl, "loss", 1, 1);
}

void Gpt::Impl::backward(std::uint32_t sequences) {
  const std::uint32_t rows = sequences * shape.context;
  // From the loss to the residual stream: logits hold their own gradient now.
  linear_backward(cl, output, normed, logits, d_branch, scratch, rows);
  layer_norm_backward(cl, final_norm, d_branch, blocks.back().out, statistics, d_stream, false,
                      scratch, rows);
  for (std::uint32_t layer = shape.layers; layer-- > 0;) {
    backward_block(blocks[layer], layer == 0 ? embedded : blocks[layer - 1].out, layer, sequences);
    marks.set(cl, "backward", shape.layers - layer, shape.layers);
  }

  const DropoutSite embedding_site = site(kEmbeddingLayer, 0, true);
  const Tensor stream = rows_of(d_stream, rows, shape.width);
  if (embedding_site.probability > 0) dropout(cl, embedding_site, stream, stream);
  // A tied embedding already holds the output layer's gradient; the tokens' comes on top.
  if (!shape.tied_embeddings) clear(cl, d_token_embedding);
  launch(cl, "embedding_backward_tokens", {feed.distinct_count}, feed.distinct, feed.starts,
         feed.places, d_stream, d_token_embedding, shape.width);
  launch(cl, "embedding_backward_positions", {shape.context}, d_stream, d_position_embedding,
         shape.width, shape.context, sequences);
}

void Gpt::Impl::backward_block(Block& b, const Tensor& x, std::uint32_t layer,
                               std::uint32_t sequences) {
  const std::uint32_t rows = sequences * shape.context, c = shape.width;
  // The gradient at the end of a branch is the stream's, through the dropout if there is one.
  const auto branch_end = [&](std::uint32_t place) -> const Tensor& {
    const DropoutSite at = site(layer, place, true);
    if (at.probability == 0) return d_stream;
    dropout(cl, at, rows_of(d_stream, rows, c), d_branch);
    return d_branch;
  };

  linear_backward(cl, b.mlp_out, b.activated, branch_end(kMlpOutPlace), d_wide, scratch, rows);
  gelu_backward(cl, shape.gelu, rows_of(b.hidden, rows, 4 * c), d_wide);
  linear_backward(cl, b.mlp_in, b.normed2, d_wide, d_branch, scratch, rows);
  layer_norm_backward(cl, b.norm2, d_branch, b.middle, b.statistics2, d_stream, true, scratch,
                      rows);

  // d_wide's first part holds the gradient of the attended values, its rest that of qkv: 4 C.
  const Tensor d_attended = rows_of(d_wide, rows, c);
  const Tensor d_qkv = d_wide.from(rows * c, rows * 3 * c);
  linear_backward(cl, b.attention_out, b.attended, branch_end(kAttentionOutPlace), d_attended,
                  scratch, rows);
  attention_backward(cl, attention_shape(sequences), b.qkv,
                     {b.probabilities, b.dropped, d_scores, transposed_heads}, d_attended, d_qkv,
                     site(layer, kAttentionPlace, true));
  linear_backward(cl, b.attention_in, b.normed1, d_qkv, d_branch, scratch, rows);
  layer_norm_backward(cl, b.norm1, d_branch, x, b.statistics1, d_stream, true, scratch, rows);
}

void Gpt::Impl::optimise(const AdamW& s, float learning_rate, float gradient_clip) {
  const Tensor& gradients = store.all(Kind::kGradient);
  const Tensor norm = results.from(1, 2), factor = results.from(2, 1);
  launch(cl, "sum_of_squares", {kNormGroups}, gradients, gradients.elements, scratch);
  launch(cl, "clip_factor", {1}, scratch, kNormGroups, gradient_clip, norm);

  const double t = static_cast<double>(steps_done + 1);
  const auto step_size = static_cast<float>(learning_rate / (1 - std::pow(double{s.beta1}, t)));
  const auto inverse_root = static_cast<float>(1 / std::sqrt(1 - std::pow(double{s.beta2}, t)));
  const auto update = [&](std::uint32_t first, std::uint32_t count, float decay) {
    launch(cl, "adamw", stretches(count), store.all(Kind::kWeight).buffer, gradients.buffer,
           store.all(Kind::kMoment1).buffer, store.all(Kind::kMoment2).buffer, factor, first, count,
           s.beta1, s.beta2, s.epsilon, 1 - learning_rate * decay, step_size, inverse_root);
  };
  update(0, store.decaying(), s.weight_decay);
  update(store.decaying(), gradients.elements - store.decaying(), 0);
  ++steps_done;
  weights_changed = true;
  ++weights_version;
}

}  // namespace isobar::nn
