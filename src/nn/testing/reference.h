// The layers once more, on the host, in double precision and simple loops: what the tests hold the
// kernels against. Shapes and meaning as in layers.h; gradients are returned, not accumulated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/gpt_shape.h"

namespace isobar::nn::reference {

using Values = std::vector<double>;

/// C (m, n) = A B, with A (m, k) or, transposed, (k, m), and B (k, n).
Values multiply(const Values& a, const Values& b, std::size_t m, std::size_t n, std::size_t k,
                bool transposed_a);

/// y (rows, out) = x weightᵀ + bias; weight (out, in), bias empty or (out).
Values linear(const Values& x, const Values& weight, const Values& bias, std::size_t rows,
              std::size_t in, std::size_t out);
struct LinearGradients {
  Values d_x, d_weight, d_bias;
};
LinearGradients linear_backward(const Values& x, const Values& weight, const Values& d_y,
                                std::size_t rows, std::size_t in, std::size_t out);

Values layer_norm(const Values& x, const Values& weight, const Values& bias, std::size_t width,
                  double epsilon);
LinearGradients layer_norm_backward(const Values& x, const Values& weight, const Values& d_y,
                                    std::size_t width, double epsilon);

double gelu(double x, model::Gelu kind);
double gelu_slope(double x, model::Gelu kind);

/// qkv (B, T, 3 C) -> (B, T, C)
Values attention(const Values& qkv, std::size_t batch, std::size_t context, std::size_t heads,
                 std::size_t width);
Values attention_backward(const Values& qkv, const Values& d_out, std::size_t batch,
                          std::size_t context, std::size_t heads, std::size_t width);

/// The mean over rows of -log softmax(logits)[target]; logits (rows, vocabulary).
double cross_entropy(const Values& logits, std::span<const std::int32_t> targets,
                     std::size_t vocabulary);
Values cross_entropy_backward(const Values& logits, std::span<const std::int32_t> targets,
                              std::size_t vocabulary);

/// d f / d x by central differences, one element at a time.
Values numeric_gradient(const std::function<double(const Values&)>& f, Values x,
                        double step = 1e-5);

}  // namespace isobar::nn::reference
