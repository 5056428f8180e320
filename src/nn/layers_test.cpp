// Every layer, forward and backward, on the device against the float64 reference, whose own
// gradients are checked against central differences. Sizes are odd on purpose, next to those the
// fast tiles take.
//
// Tolerance: max |device - reference| / max |reference| <= 2e-6 times the square root of the
// terms in a sum, which is what rounding each of them to float can grow to with a margin of ten.
#include "nn/layers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "nn/launch.h"
#include "nn/testing/reference.h"
#include "nn/testing/test_device.h"

namespace isobar::nn {
namespace {

using reference::Values;

constexpr double kRounding = 2e-6;
constexpr double kDifference = 1e-7;  // central differences in double, relative to the largest

Values random(std::size_t count, unsigned seed, double low = -1, double high = 1) {
  std::mt19937 engine(seed);
  Values values(count);
  for (double& v : values)  // exactly representable as float, so that both sides start equal
    v = static_cast<float>(low + (high - low) * static_cast<double>(engine()) * 0x1p-32);
  return values;
}

Tensor on_device(const Values& values) {
  Tensor tensor = allocate(test_context(), std::max<std::size_t>(values.size(), 1));
  upload(test_context(), tensor, std::vector<float>(values.begin(), values.end()));
  return tensor;
}
Tensor empty(std::size_t elements) { return allocate(test_context(), elements); }
Values back(const Tensor& tensor) {
  const std::vector<float> values = download(test_context(), tensor);
  return {values.begin(), values.end()};
}
Tensor tokens_on_device(std::span<const std::int32_t> tokens) {
  Tensor tensor = empty(tokens.size());
  test_context().queue().enqueueWriteBuffer(tensor.buffer, CL_TRUE, 0, tokens.size_bytes(),
                                            tokens.data());
  return tensor;
}

double relative(const Values& ours, const Values& theirs) {
  EXPECT_EQ(ours.size(), theirs.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    worst = std::max(worst, std::abs(ours[i] - theirs[i]));
    largest = std::max(largest, std::abs(theirs[i]));
    if (!std::isfinite(ours[i])) return INFINITY;
  }
  return largest == 0 ? worst : worst / largest;
}
double rounding(std::size_t terms) { return kRounding * std::sqrt(static_cast<double>(terms)); }
double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct Size {
  std::size_t m, n, k;
};
// Each tile's own size, then sizes that fit none, then degenerate ones.
const std::vector<Size> kSizes{{6, 128, 8},    {4, 128, 12}, {8, 64, 4},    {16, 32, 64},
                               {12, 256, 128}, {7, 33, 5},   {1, 1, 1},     {3, 130, 17},
                               {65, 31, 66},   {1, 128, 4},  {48, 128, 32}, {100, 256, 64}};

TEST(Gemm, EverySizeAndTranspositionMatchesTheReference) {
  for (const Size& s : kSizes) {
    for (const bool transposed : {false, true}) {
      const Values a = random(s.m * s.k, 1), b = random(s.k * s.n, 2);
      const Tensor c = empty(s.m * s.n);
      const auto m = static_cast<std::uint32_t>(s.m), n = static_cast<std::uint32_t>(s.n),
                 k = static_cast<std::uint32_t>(s.k);
      multiply(test_context(), {.a = {on_device(a), transposed ? m : k},
                                .b = {on_device(b), n},
                                .c = {c, n},
                                .rows = m,
                                .columns = n,
                                .depth = k,
                                .transposed_a = transposed});
      EXPECT_LE(relative(back(c), reference::multiply(a, b, s.m, s.n, s.k, transposed)),
                rounding(s.k))
          << s.m << " x " << s.n << " x " << s.k << (transposed ? " transposed" : "");
    }
  }
}

TEST(Gemm, AddsBiasResidualAndWhatWasThere) {
  for (const Size& s : kSizes) {
    const Values a = random(s.m * s.k, 1), b = random(s.k * s.n, 2), bias = random(s.n, 3),
                 residual = random(s.m * s.n, 4), before = random(s.m * s.n, 5);
    const Tensor c = on_device(before);
    const auto m = static_cast<std::uint32_t>(s.m), n = static_cast<std::uint32_t>(s.n),
               k = static_cast<std::uint32_t>(s.k);
    multiply(test_context(), {.a = {on_device(a), k},
                              .b = {on_device(b), n},
                              .c = {c, n},
                              .rows = m,
                              .columns = n,
                              .depth = k,
                              .bias = on_device(bias),
                              .residual = on_device(residual),
                              .accumulate = true});
    Values expected = reference::multiply(a, b, s.m, s.n, s.k, false);
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] += bias[i % s.n] + residual[i] + before[i];
    EXPECT_LE(relative(back(c), expected), rounding(s.k + 3)) << s.m << " x " << s.n;
  }
}

TEST(Gemm, TheTileDoesNotShowInTheResult) {
  // 50 x 128 goes through local memory, with two overlapping tiles; 11 rows of it through registers
  // with two overlapping tiles; 3 as an edge.
  const Values a = random(std::size_t{50} * 64, 1), b = random(std::size_t{64} * 128, 2);
  const auto product = [&](std::uint32_t rows) {
    const Tensor c = empty(std::size_t{rows} * 128);
    multiply(test_context(), {.a = {on_device(a), 64},
                              .b = {on_device(b), 128},
                              .c = {c, 128},
                              .rows = rows,
                              .columns = 128,
                              .depth = 64});
    Values values = back(c);
    values.resize(std::size_t{3} * 128);
    return values;
  };
  EXPECT_EQ(product(50), product(11));
  EXPECT_EQ(product(50), product(3));
}

TEST(Transpose, TurnsABatchOfAnySize) {
  for (const Size& s : std::vector<Size>{{32, 32, 1}, {64, 96, 4}, {5, 70, 3}, {33, 1, 2}}) {
    const Values in = random(s.k * s.m * s.n, 1);
    const Tensor out = empty(in.size());
    const auto m = static_cast<std::uint32_t>(s.m), n = static_cast<std::uint32_t>(s.n);
    transpose(test_context(), {on_device(in), n, m * n, 0}, {out, m, m * n, 0}, m, n,
              static_cast<std::uint32_t>(s.k), 1);
    const Values result = back(out);
    for (std::size_t z = 0; z < s.k; ++z)
      for (std::size_t r = 0; r < s.m; ++r)
        for (std::size_t c = 0; c < s.n; ++c)
          ASSERT_EQ(result[z * s.m * s.n + c * s.m + r], in[z * s.m * s.n + r * s.n + c]);
  }
}

class LinearLayer : public ::testing::TestWithParam<Size> {};  // rows, out, in

TEST_P(LinearLayer, ForwardAndBackwardMatchTheReference) {
  const auto [rows, out, in] = GetParam();
  const Values x = random(rows * in, 1), weight = random(out * in, 2), bias = random(out, 3),
               d_y = random(rows * out, 4);
  const auto r = static_cast<std::uint32_t>(rows), o = static_cast<std::uint32_t>(out),
             i = static_cast<std::uint32_t>(in);
  const Linear layer{
      i, o, on_device(weight), empty(out * in), empty(out * in), on_device(bias), empty(out)};
  const Tensor y = empty(rows * out), d_x = empty(rows * in);
  refresh_transposed(test_context(), layer);
  linear_forward(test_context(), layer, on_device(x), y, r);
  linear_backward(test_context(), layer, on_device(x), on_device(d_y), d_x,
                  empty(column_sum_scratch(r, o)), r);

  const auto expected = reference::linear_backward(x, weight, d_y, rows, in, out);
  EXPECT_LE(relative(back(y), reference::linear(x, weight, bias, rows, in, out)), rounding(in));
  EXPECT_LE(relative(back(d_x), expected.d_x), rounding(out));
  EXPECT_LE(relative(back(layer.d_weight), expected.d_weight), rounding(rows));
  EXPECT_LE(relative(back(*layer.d_bias), expected.d_bias), rounding(rows));

  if (rows * out * in > 2000) return;  // differences are for the small ones
  EXPECT_LE(relative(reference::numeric_gradient(
                         [&](const Values& v) {
                           return dot(reference::linear(v, weight, bias, rows, in, out), d_y);
                         },
                         x),
                     expected.d_x),
            kDifference);
  EXPECT_LE(relative(reference::numeric_gradient(
                         [&](const Values& v) {
                           return dot(reference::linear(x, v, bias, rows, in, out), d_y);
                         },
                         weight),
                     expected.d_weight),
            kDifference);
}
INSTANTIATE_TEST_SUITE_P(Sizes, LinearLayer,
                         ::testing::Values(Size{5, 7, 9}, Size{1, 1, 3}, Size{96, 128, 128},
                                           Size{70, 33, 65}));

class LayerNormLayer : public ::testing::TestWithParam<Size> {};  // rows, width, biased

TEST_P(LayerNormLayer, ForwardAndBackwardMatchTheReference) {
  const auto [rows, width, biased] = GetParam();
  const double epsilon = 1e-5F;
  const Values x = random(rows * width, 1, -2, 3), weight = random(width, 2),
               bias = biased != 0 ? random(width, 3) : Values(), d_y = random(rows * width, 4),
               before = random(rows * width, 5);
  const auto r = static_cast<std::uint32_t>(rows), w = static_cast<std::uint32_t>(width);
  LayerNorm layer{w, 1e-5F, on_device(weight), empty(width), {}, {}};
  if (biased != 0) {
    layer.bias = on_device(bias);
    layer.d_bias = empty(width);
  }
  const Tensor y = empty(rows * width), statistics = empty(rows * 2), d_x = on_device(before);
  layer_norm_forward(test_context(), layer, on_device(x), y, statistics, r);
  layer_norm_backward(test_context(), layer, on_device(d_y), on_device(x), statistics, d_x, true,
                      empty(column_sum_scratch(r, w)), r);

  const auto expected = reference::layer_norm_backward(x, weight, d_y, width, epsilon);
  Values d_x_sum = expected.d_x;
  for (std::size_t i = 0; i < d_x_sum.size(); ++i) d_x_sum[i] += before[i];
  EXPECT_LE(relative(back(y), reference::layer_norm(x, weight, bias, width, epsilon)),
            rounding(width));
  EXPECT_LE(relative(back(d_x), d_x_sum), rounding(width));
  EXPECT_LE(relative(back(layer.d_weight), expected.d_weight), rounding(rows));
  if (layer.d_bias) EXPECT_LE(relative(back(*layer.d_bias), expected.d_bias), rounding(rows));
  if (rows * width > 2000) return;
  EXPECT_LE(relative(reference::numeric_gradient(
                         [&](const Values& v) {
                           return dot(reference::layer_norm(v, weight, bias, width, epsilon), d_y);
                         },
                         x),
                     expected.d_x),
            kDifference);
}
INSTANTIATE_TEST_SUITE_P(Sizes, LayerNormLayer,
                         ::testing::Values(Size{5, 7, 1}, Size{33, 45, 0}, Size{96, 128, 1},
                                           Size{2, 32, 0}));

TEST(GeluLayer, BothFormsMatchTheReferenceOverTheWholeRange) {
  for (const model::Gelu kind : {model::Gelu::kExact, model::Gelu::kTanh}) {
    Values x;
    for (int i = -4000; i <= 4001; ++i) x.push_back(static_cast<float>(i * 0.01));
    Values y, slope;
    for (const double v : x) {
      y.push_back(reference::gelu(v, kind));
      slope.push_back(reference::gelu_slope(v, kind));
      EXPECT_NEAR((reference::gelu(v + 1e-5, kind) - reference::gelu(v - 1e-5, kind)) / 2e-5,
                  slope.back(), 1e-8);
    }
    const Tensor in = on_device(x), out = empty(x.size()),
                 gradient = on_device(Values(x.size(), 1.0));
    gelu_forward(test_context(), kind, in, out);
    gelu_backward(test_context(), kind, in, gradient);
    const Values ours = back(out), ours_slope = back(gradient);
    for (std::size_t i = 0; i < x.size(); ++i) {
      // Absolute: the normal distribution function is good to 2e-7, times x for gelu.
      EXPECT_NEAR(ours[i], y[i], 3e-7 * std::max(1.0, std::abs(x[i]))) << x[i];
      EXPECT_NEAR(ours_slope[i], slope[i], 1e-6) << x[i];
    }
  }
}

struct Heads {
  std::uint32_t batch, context, heads, width;
};
class Attention : public ::testing::TestWithParam<Heads> {};

TEST_P(Attention, ForwardAndBackwardMatchTheReference) {
  const auto [b, t, h, c] = GetParam();
  const Values qkv = random(std::size_t{b} * t * 3 * c, 1, -2, 2),
               d_out = random(std::size_t{b} * t * c, 2);
  const AttentionShape shape{b, t, h, c};
  const Tensor probabilities = empty(shape.scores());
  const AttentionBuffers buffers{probabilities, probabilities, empty(shape.scores()),
                                 empty(std::size_t{b} * t * c)};
  const Tensor out = empty(d_out.size()), d_qkv = empty(qkv.size());
  attention_forward(test_context(), shape, on_device(qkv), buffers, out, {});
  attention_backward(test_context(), shape, on_device(qkv), buffers, on_device(d_out), d_qkv, {});
  const Values expected = reference::attention_backward(qkv, d_out, b, t, h, c);
  EXPECT_LE(relative(back(out), reference::attention(qkv, b, t, h, c)), rounding(t));
  EXPECT_LE(relative(back(d_qkv), expected), rounding(t));
  if (qkv.size() > 500) return;
  EXPECT_LE(
      relative(reference::numeric_gradient(
                   [&](const Values& v) { return dot(reference::attention(v, b, t, h, c), d_out); },
                   qkv),
               expected),
      kDifference);
}
INSTANTIATE_TEST_SUITE_P(Sizes, Attention,
                         ::testing::Values(Heads{2, 64, 2, 64}, Heads{2, 7, 3, 9},
                                           Heads{1, 1, 1, 4}, Heads{1, 65, 2, 80},
                                           Heads{3, 33, 1, 32}));

TEST(Attention, NoTokenSeesTheFuture) {
  constexpr std::size_t kTokens = 40, kWidth = 32, kChanged = 20;
  const AttentionShape shape{1, kTokens, 1, kWidth};
  Values qkv = random(kTokens * 3 * kWidth, 1);
  const auto attend = [&] {
    const Tensor p = empty(shape.scores()), out = empty(kTokens * kWidth);
    attention_forward(test_context(), shape, on_device(qkv),
                      {p, p, empty(shape.scores()), empty(kTokens * kWidth)}, out, {});
    return back(out);
  };
  const Values before = attend();
  for (std::size_t i = kChanged * 3 * kWidth; i < qkv.size(); ++i) qkv[i] = 7 - qkv[i];
  const Values after = attend();
  for (std::size_t i = 0; i < kChanged * kWidth; ++i) ASSERT_EQ(before[i], after[i]) << i;
  EXPECT_NE(before, after);
}

TEST(CrossEntropy, LossAndGradientMatchTheReference) {
  for (const Size& s : std::vector<Size>{{5, 7, 128}, {33, 65, 128}, {4, 128, 128}, {3, 1, 128}}) {
    const std::size_t rows = s.m, vocabulary = s.n, padded = s.k;
    const Values logits = random(rows * vocabulary, 1, -9, 9);
    Values stored(rows * padded, 1e30);  // what stands in the padding must not count
    std::vector<std::int32_t> targets(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      targets[r] = static_cast<std::int32_t>(r * 5 % vocabulary);
      for (std::size_t v = 0; v < vocabulary; ++v)
        stored[r * padded + v] = logits[r * vocabulary + v];
    }
    const Tensor on = on_device(stored), losses = empty(rows), mean = empty(1);
    const auto r = static_cast<std::uint32_t>(rows);
    cross_entropy(test_context(), on, tokens_on_device(targets), losses, r,
                  static_cast<std::uint32_t>(vocabulary), static_cast<std::uint32_t>(padded));
    launch(test_context(), "mean_loss", {1}, losses, mean, r);
    const Values expected = reference::cross_entropy_backward(logits, targets, vocabulary);
    EXPECT_NEAR(back(mean)[0], reference::cross_entropy(logits, targets, vocabulary),
                rounding(vocabulary) * 10);  // logits of 9 lose the digits of their size
    const Values ours = back(on);
    Values ours_dense;
    for (std::size_t i = 0; i < ours.size(); ++i) {
      if (i % padded < vocabulary)
        ours_dense.push_back(ours[i]);
      else
        EXPECT_EQ(ours[i], 0.0);
    }
    EXPECT_LE(relative(ours_dense, expected), rounding(vocabulary));
    EXPECT_LE(relative(reference::numeric_gradient(
                           [&](const Values& v) {
                             return reference::cross_entropy(v, targets, vocabulary);
                           },
                           logits, 1e-4),
                       expected),
              kDifference);
  }
}

TEST(Embedding, AddsTokenAndPositionAndSumsTheirGradients) {
  constexpr std::size_t vocabulary = 7, context = 5, rows = 15;
  constexpr std::uint32_t batch = 3, width = 37;
  const Values wte = random(vocabulary * width, 1), wpe = random(context * width, 2),
               d_out = random(rows * width, 3), before = random(vocabulary * width, 4);
  const std::vector<std::int32_t> tokens{3, 1, 3, 3, 0, 6, 6, 1, 3, 0, 0, 0, 2, 1, 3};
  const Tensor out = empty(rows * width);
  launch(test_context(), "embedding_forward", {rows}, tokens_on_device(tokens), on_device(wte),
         on_device(wpe), out, width, std::uint32_t{context});
  Values expected(rows * width), d_wte = before, d_wpe(context * width, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < width; ++c) {
      const std::size_t token = static_cast<std::size_t>(tokens[i]) * width + c;
      const std::size_t place = i % context * width + c;
      expected[i * width + c] = wte[token] + wpe[place];
      d_wte[token] += d_out[i * width + c];
      d_wpe[place] += d_out[i * width + c];
    }
  EXPECT_LE(relative(back(out), expected), kRounding);

  std::vector<std::int32_t> distinct, starts{0}, places;
  for (std::int32_t token = 0; token < 7; ++token) {
    for (std::int32_t i = 0; i < 15; ++i)
      if (tokens[static_cast<std::size_t>(i)] == token) places.push_back(i);
    if (static_cast<std::size_t>(starts.back()) == places.size()) continue;
    distinct.push_back(token);
    starts.push_back(static_cast<std::int32_t>(places.size()));
  }
  const Tensor ours = on_device(before), ours_wpe = empty(context * width);
  launch(test_context(), "embedding_backward_tokens", {static_cast<std::uint32_t>(distinct.size())},
         tokens_on_device(distinct), tokens_on_device(starts), tokens_on_device(places),
         on_device(d_out), ours, width);
  launch(test_context(), "embedding_backward_positions", {context}, on_device(d_out), ours_wpe,
         width, std::uint32_t{context}, batch);
  EXPECT_LE(relative(back(ours), d_wte), rounding(6));
  EXPECT_LE(relative(back(ours_wpe), d_wpe), rounding(batch));
}

}  // namespace
}  // namespace isobar::nn
