// The layers of a GPT as functions that enqueue kernels, forward and backward. Gradients are called
// d_x, after the value x they belong to. `rows` is sequences times context throughout; B, T, C, H
// stand for batch, context, width and heads in comments.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "model/gpt_shape.h"
#include "nn/gemm.h"
#include "nn/tensor.h"

namespace isobar::nn {

/// A linear layer's parameters: y = x weightᵀ + bias.
struct Linear {
  std::uint32_t in = 0, out = 0;
  Tensor weight, d_weight;             // (out, in)
  Tensor transposed;                   // (in, out), renewed by refresh_transposed
  std::optional<Tensor> bias, d_bias;  // (out)
};

struct LayerNorm {
  std::uint32_t width = 0;
  float epsilon = 1e-5F;
  Tensor weight, d_weight;             // (C)
  std::optional<Tensor> bias, d_bias;  // (C)
};

/// After the weights changed: transposed = weightᵀ.
void refresh_transposed(ClContext& cl, const Linear& layer);

/// y (rows, out) = x (rows, in) weightᵀ + bias + residual
void linear_forward(ClContext& cl, const Linear& layer, const Tensor& x, const Tensor& y,
                    std::uint32_t rows, const std::optional<Tensor>& residual = {});
/// d_x = d_y weight; d_weight and d_bias are overwritten. `scratch` holds column_sum_scratch().
void linear_backward(ClContext& cl, const Linear& layer, const Tensor& x, const Tensor& d_y,
                     const Tensor& d_x, const Tensor& scratch, std::uint32_t rows);

/// statistics (rows, 2): mean and reciprocal deviation, for the backward pass.
void layer_norm_forward(ClContext& cl, const LayerNorm& layer, const Tensor& x, const Tensor& y,
                        const Tensor& statistics, std::uint32_t rows);
/// d_x (or d_x += with `accumulate`) and the parameters' gradients, which are overwritten.
void layer_norm_backward(ClContext& cl, const LayerNorm& layer, const Tensor& d_y, const Tensor& x,
                         const Tensor& statistics, const Tensor& d_x, bool accumulate,
                         const Tensor& scratch, std::uint32_t rows);

inline constexpr std::uint32_t kSumChunk = 32;  // rows summed by one work-group

/// out (columns) = the sum of the rows of `in` (rows, columns), in a fixed order.
void column_sum(ClContext& cl, const Tensor& in, const Tensor& out, const Tensor& scratch,
                std::uint32_t rows, std::uint32_t columns);
/// Elements of scratch that sums over `rows` rows of at most `columns` columns need.
[[nodiscard]] std::uint64_t column_sum_scratch(std::uint32_t rows, std::uint32_t columns);

void gelu_forward(ClContext& cl, model::Gelu kind, const Tensor& in, const Tensor& out);
/// gradient *= gelu'(in)
void gelu_backward(ClContext& cl, model::Gelu kind, const Tensor& in, const Tensor& gradient);
/// out += in
void add(ClContext& cl, const Tensor& in, const Tensor& out);

/// Which random numbers a dropout uses. Forward and backward of a site give the same, so that the
/// pair is its own gradient.
struct DropoutSite {
  float probability = 0;
  std::uint32_t site = 0;  // a number of its own for each place in the model
  std::uint64_t step = 0;
  std::uint64_t seed = 0;
};
/// out = in with a share of the elements dropped and the others scaled; may be in place.
void dropout(ClContext& cl, const DropoutSite& site, const Tensor& in, const Tensor& out);

/// The sizes of an attention.
struct AttentionShape {
  std::uint32_t batch = 0, context = 0, heads = 0, width = 0;  // B T H C
  [[nodiscard]] std::uint32_t head_width() const { return width / heads; }
  /// What a key's product with a query is multiplied by.
  [[nodiscard]] float score_scale() const {
    return 1.0F / std::sqrt(static_cast<float>(head_width()));
  }
  [[nodiscard]] std::uint64_t scores() const {  // elements of (B, H, T, T)
    return std::uint64_t{batch} * heads * context * context;
  }
};
/// The buffers it works in. Probabilities are stored (B, H, keys, queries).
struct AttentionBuffers {
  Tensor probabilities;  // (B, H, T, T), kept from the forward to the backward pass
  Tensor dropped;        // the same after dropout; shares their place without
  Tensor d_scores;       // (B, H, T, T), backward only
  Tensor transposed;     // (B, H, C/H, T)
};
/// out (B, T, C) = causal attention of qkv (B, T, 3 C): queries, keys, values side by side.
void attention_forward(ClContext& cl, const AttentionShape& shape, const Tensor& qkv,
                       const AttentionBuffers& buffers, const Tensor& out,
                       const DropoutSite& dropout);
/// d_qkv (B, T, 3 C) is overwritten.
void attention_backward(ClContext& cl, const AttentionShape& shape, const Tensor& qkv,
                        const AttentionBuffers& buffers, const Tensor& d_out, const Tensor& d_qkv,
                        const DropoutSite& dropout);

/// losses (rows); the logits (rows, padded) become the gradient of the mean loss.
void cross_entropy(ClContext& cl, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                   std::uint32_t rows, std::uint32_t vocabulary, std::uint32_t padded);

}  // namespace isobar::nn
