#include "nn/layers.h"

#include <algorithm>
#include <cmath>

#include "nn/launch.h"

namespace isobar::nn {
namespace {

constexpr std::uint32_t kChunk = kSumChunk;

/// Elements past the end of a partly filled chunk count too.
std::uint32_t chunks(std::uint32_t rows) { return divide_up(rows, kChunk); }

}  // namespace

void refresh_transposed(ClContext& cl, const Linear& layer) {
  transpose(cl, {layer.weight, layer.in}, {layer.transposed, layer.out}, layer.out, layer.in);
}

void linear_forward(ClContext& cl, const Linear& layer, const Tensor& x, const Tensor& y,
                    std::uint32_t rows, const std::optional<Tensor>& residual) {
  multiply(cl, {.a = {x, layer.in},
                .b = {layer.transposed, layer.out},
                .c = {y, layer.out},
                .rows = rows,
                .columns = layer.out,
                .depth = layer.in,
                .bias = layer.bias,
                .residual = residual});
}

void linear_backward(ClContext& cl, const Linear& layer, const Tensor& x, const Tensor& d_y,
                     const Tensor& d_x, const Tensor& scratch, std::uint32_t rows) {
  multiply(cl, {.a = {d_y, layer.out},
                .b = {layer.weight, layer.in},
                .c = {d_x, layer.in},
                .rows = rows,
                .columns = layer.in,
                .depth = layer.out});
  multiply(cl, {.a = {d_y, layer.out},
                .b = {x, layer.in},
                .c = {layer.d_weight, layer.in},
                .rows = layer.out,
                .columns = layer.in,
                .depth = rows,
                .transposed_a = true});
  if (layer.d_bias) column_sum(cl, d_y, *layer.d_bias, scratch, rows, layer.out);
}

void layer_norm_forward(ClContext& cl, const LayerNorm& layer, const Tensor& x, const Tensor& y,
                        const Tensor& statistics, std::uint32_t rows) {
  launch(cl, "layer_norm_forward", {rows}, x, layer.weight, layer.bias.value_or(layer.weight),
         layer.bias ? 1U : 0U, y, statistics, layer.width, layer.epsilon);
}

void layer_norm_backward(ClContext& cl, const LayerNorm& layer, const Tensor& d_y, const Tensor& x,
                         const Tensor& statistics, const Tensor& d_x, bool accumulate,
                         const Tensor& scratch, std::uint32_t rows) {
  launch(cl, "layer_norm_backward_parameters", {divide_up(layer.width, kLanes), chunks(rows)}, d_y,
         x, statistics, scratch, rows, layer.width, kChunk);
  launch(cl, "column_sum", one_item_each(layer.width), scratch, layer.d_weight, chunks(rows),
         layer.width, chunks(rows));
  if (layer.d_bias) column_sum(cl, d_y, *layer.d_bias, scratch, rows, layer.width);
  launch(cl, "layer_norm_backward", {rows}, d_y, x, statistics, layer.weight, d_x, layer.width,
         accumulate ? 1U : 0U);
}

void column_sum(ClContext& cl, const Tensor& in, const Tensor& out, const Tensor& scratch,
                std::uint32_t rows, std::uint32_t columns) {
  launch(cl, "column_sum", {divide_up(columns, kLanes), chunks(rows)}, in, scratch, rows, columns,
         kChunk);
  launch(cl, "column_sum", one_item_each(columns), scratch, out, chunks(rows), columns,
         chunks(rows));
}

std::uint64_t column_sum_scratch(std::uint32_t rows, std::uint32_t columns) {
  return std::uint64_t{chunks(rows)} * columns;
}

void gelu_forward(ClContext& cl, model::Gelu kind, const Tensor& in, const Tensor& out) {
  launch(cl, "gelu_forward", stretches(in.elements), in, out, in.elements,
         static_cast<std::uint32_t>(kind));
}

void gelu_backward(ClContext& cl, model::Gelu kind, const Tensor& in, const Tensor& gradient) {
  launch(cl, "gelu_backward", stretches(in.elements), in, gradient, in.elements,
         static_cast<std::uint32_t>(kind));
}

void add(ClContext& cl, const Tensor& in, const Tensor& out) {
  launch(cl, "add", stretches(in.elements), in, out, in.elements);
}

void dropout(ClContext& cl, const DropoutSite& site, const Tensor& in, const Tensor& out) {
  const auto threshold = static_cast<std::uint32_t>(std::ldexp(double{site.probability}, 32));
  launch(cl, "dropout", one_item_each(divide_up(in.elements, 4)), in, out, in.elements, threshold,
         1.0F / (1.0F - site.probability), site.site, static_cast<std::uint32_t>(site.step),
         static_cast<std::uint32_t>(site.step >> 32U), static_cast<std::uint32_t>(site.seed),
         static_cast<std::uint32_t>(site.seed >> 32U));
}

void cross_entropy(ClContext& cl, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                   std::uint32_t rows, std::uint32_t vocabulary, std::uint32_t padded) {
  launch(cl, "cross_entropy", {rows}, logits, targets, losses, vocabulary, padded,
         1.0F / static_cast<float>(rows));
}

}  // namespace isobar::nn
