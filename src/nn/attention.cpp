// Causal attention as batched matrix multiplies around a softmax. Scores are kept transposed,
// (keys, queries) per head: then every product finds its operands as the multiply likes them, rows
// of unit stride, and only the queries (forward) and d_out (backward) have to be transposed.
//
// Memory grows with T squared, as in GPT-2's own formulation; a streaming softmax is not here.
#include "nn/launch.h"
#include "nn/layers.h"

namespace isobar::nn {
namespace {

struct Views {
  const AttentionShape& shape;

  /// A head's (T, C/H) part of (B, T, n C), channels from `first`.
  [[nodiscard]] Matrix heads(const Tensor& t, std::uint32_t n, std::uint32_t first) const {
    return {t.from(first, t.elements - first), n * shape.width, n * shape.width * shape.context,
            shape.head_width()};
  }
  /// A head's (T, T) of (B, H, T, T).
  [[nodiscard]] Matrix scores(const Tensor& t) const {
    const std::uint32_t square = shape.context * shape.context;
    return {t, shape.context, square * shape.heads, square};
  }
  /// A head's (C/H, T) of (B, H, C/H, T).
  [[nodiscard]] Matrix transposed(const Tensor& t) const {
    return {t, shape.context, shape.width * shape.context, shape.head_width() * shape.context};
  }
};

}  // namespace

void attention_forward(ClContext& cl, const AttentionShape& s, const Tensor& qkv,
                       const AttentionBuffers& buffers, const Tensor& out,
                       const DropoutSite& site) {
  const Views view{s};
  const Matrix queries = view.heads(qkv, 3, 0), keys = view.heads(qkv, 3, s.width),
               values = view.heads(qkv, 3, 2 * s.width);
  const std::uint32_t t = s.context, d = s.head_width();

  // scores[key][query] = key . query
  transpose(cl, queries, view.transposed(buffers.transposed), t, d, s.batch, s.heads);
  multiply(cl, {keys, view.transposed(buffers.transposed), view.scores(buffers.probabilities), t, t,
                d, false, s.batch, s.heads});
  launch(cl, "causal_softmax_forward", {divide_up(t, kLanes), s.batch * s.heads},
         buffers.probabilities, t, s.score_scale());
  if (site.probability > 0) dropout(cl, site, buffers.probabilities, buffers.dropped);
  // out[query] = the sum over keys up to it of probability * value
  multiply(cl, {view.scores(buffers.dropped), values, view.heads(out, 1, 0), t, d, t, true, s.batch,
                s.heads, Causal::kUpToRow});
}

void attention_backward(ClContext& cl, const AttentionShape& s, const Tensor& qkv,
                        const AttentionBuffers& buffers, const Tensor& d_out, const Tensor& d_qkv,
                        const DropoutSite& site) {
  const Views view{s};
  const Matrix queries = view.heads(qkv, 3, 0), keys = view.heads(qkv, 3, s.width),
               values = view.heads(qkv, 3, 2 * s.width), d_attended = view.heads(d_out, 1, 0);
  const std::uint32_t t = s.context, d = s.head_width();

  // d_value[key] = the sum over queries from it on of probability * d_out
  multiply(cl, {view.scores(buffers.dropped), d_attended, view.heads(d_qkv, 3, 2 * s.width), t, d,
                t, false, s.batch, s.heads, Causal::kFromRow});
  // d_probability[key][query] = value . d_out
  transpose(cl, d_attended, view.transposed(buffers.transposed), t, d, s.batch, s.heads);
  multiply(cl, {values, view.transposed(buffers.transposed), view.scores(buffers.d_scores), t, t, d,
                false, s.batch, s.heads});
  if (site.probability > 0) dropout(cl, site, buffers.d_scores, buffers.d_scores);
  launch(cl, "causal_softmax_backward", {divide_up(t, kLanes), s.batch * s.heads},
         buffers.probabilities, buffers.d_scores, t, s.score_scale());
  // d_query[query] = the sum over keys of d_score * key; d_key[key] = that over queries of d_score
  // * query
  multiply(cl, {view.scores(buffers.d_scores), keys, view.heads(d_qkv, 3, 0), t, d, t, true,
                s.batch, s.heads, Causal::kUpToRow});
  multiply(cl, {view.scores(buffers.d_scores), queries, view.heads(d_qkv, 3, s.width), t, d, t,
                false, s.batch, s.heads, Causal::kFromRow});
}

}  // namespace isobar::nn
