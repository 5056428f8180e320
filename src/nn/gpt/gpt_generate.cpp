// Writing text: the scores after a text that grew at its end, by passing its new tokens alone.
// Their queries meet the keys and values that earlier passes kept (kernels/generation.cl). The
// layers are those of the full pass on fewer rows, in the buffers of its activations.
#include <algorithm>

#include "base/error.h"
#include "nn/gpt/gpt_impl.h"
#include "nn/launch.h"

namespace isobar::nn {

void Gpt::Impl::pass_on_block(std::uint32_t layer, const Tensor& x, std::uint32_t rows,
                              std::uint32_t first) {
  Block& b = blocks[layer];
  const std::uint32_t c = shape.width;
  layer_norm_forward(cl, b.norm1, x, b.normed1, b.statistics1, rows);
  linear_forward(cl, b.attention_in, b.normed1, b.qkv, rows);
  launch(cl, "keep_keys_and_values", {rows}, b.qkv, kept.keys[layer], kept.values[layer], first, c,
         shape.context);
  // (rows, H, T) of scores lie within the full pass's (B, H, T, T) of probabilities.
  launch(cl, "attend_to_kept", {shape.heads, rows}, b.qkv, kept.keys[layer], kept.values[layer],
         b.probabilities, b.attended, first, c, c / shape.heads, shape.context,
         attention_shape(1).score_scale());
  linear_forward(cl, b.attention_out, b.attended, b.middle, rows, x);

  layer_norm_forward(cl, b.norm2, b.middle, b.normed2, b.statistics2, rows);
  linear_forward(cl, b.mlp_in, b.normed2, b.hidden, rows);
  gelu_forward(cl, shape.gelu, b.hidden.from(0, rows * 4 * c), b.activated);
  linear_forward(cl, b.mlp_out, b.activated, b.out, rows, b.middle);
}

void Gpt::Impl::pass_on(std::span<const std::int32_t> tokens, std::uint32_t first) {
  const auto rows = static_cast<std::uint32_t>(tokens.size());
  const std::uint32_t c = shape.width;
  marks.start();
  feed_tokens(tokens);
  refresh_weights();
  launch(cl, "embedding_forward", {rows}, feed.inputs, token_embedding,
         position_embedding.from(first * c, rows * c), embedded, c, shape.context);
  const Tensor* x = &embedded;
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    pass_on_block(layer, *x, rows, first);
    x = &blocks[layer].out;
    marks.set(cl, "reading", layer + 1, shape.layers);
  }
  // Only what follows the last token is asked for.
  layer_norm_forward(cl, final_norm, x->from((rows - 1) * c, c), normed, statistics, 1);
  linear_forward(cl, output, normed, logits, 1);
}

std::vector<float> Gpt::next_logits(std::span<const std::int32_t> tokens) {
  Impl& m = *impl_;
  KeptTokens& kept = m.kept;
  if (tokens.empty() || tokens.size() > m.shape.context)
    fail("{} tokens were given, but the model reads 1 to {}", tokens.size(), m.shape.context);
  if (kept.keys.empty())
    for (std::uint32_t layer = 0; layer < m.shape.layers; ++layer)
      for (std::vector<Tensor>* list : {&kept.keys, &kept.values})
        list->push_back(allocate(m.cl, std::uint64_t{m.shape.context} * m.shape.width));
  if (kept.weights_version != m.weights_version) kept.tokens.clear();

  // The last token is passed in any case, since what follows it is the question.
  const auto [mine, theirs] = std::ranges::mismatch(tokens.first(tokens.size() - 1), kept.tokens);
  const auto shared = static_cast<std::size_t>(theirs - kept.tokens.begin());
  kept.tokens.resize(shared);  // if the pass fails, the rest is not known
  m.pass_on(tokens.subspan(shared), static_cast<std::uint32_t>(shared));
  std::vector<float> scores = download(m.cl, m.logits.from(0, m.shape.vocabulary));
  kept.tokens.assign(tokens.begin(), tokens.end());
  kept.weights_version = m.weights_version;
  kept.passed = static_cast<std::uint32_t>(tokens.size() - shared);
  return scores;
}

std::uint32_t Gpt::passed_tokens() const { return impl_->kept.passed; }

}  // namespace isobar::nn
