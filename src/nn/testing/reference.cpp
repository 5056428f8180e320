#include "nn/testing/reference.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace isobar::nn::reference {

Values multiply(const Values& a, const Values& b, std::size_t m, std::size_t n, std::size_t k,
                bool transposed_a) {
  Values c(m * n, 0.0);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t p = 0; p < k; ++p)
      for (std::size_t j = 0; j < n; ++j)
        c[i * n + j] += (transposed_a ? a[p * m + i] : a[i * k + p]) * b[p * n + j];
  return c;
}

Values linear(const Values& x, const Values& weight, const Values& bias, std::size_t rows,
              std::size_t in, std::size_t out) {
  Values y(rows * out);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < out; ++o) {
      double sum = bias.empty() ? 0 : bias[o];
      for (std::size_t i = 0; i < in; ++i) sum += x[r * in + i] * weight[o * in + i];
      y[r * out + o] = sum;
    }
  return y;
}

LinearGradients linear_backward(const Values& x, const Values& weight, const Values& d_y,
                                std::size_t rows, std::size_t in, std::size_t out) {
  LinearGradients g{Values(rows * in, 0.0), Values(out * in, 0.0), Values(out, 0.0)};
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < out; ++o) {
      const double d = d_y[r * out + o];
      g.d_bias[o] += d;
      for (std::size_t i = 0; i < in; ++i) {
        g.d_x[r * in + i] += d * weight[o * in + i];
        g.d_weight[o * in + i] += d * x[r * in + i];
      }
    }
  return g;
}

namespace {

struct Moments {
  double mean, scale;
};
Moments moments(const double* row, std::size_t width, double epsilon) {
  double mean = 0, variance = 0;
  const auto n = static_cast<double>(width);
  for (std::size_t c = 0; c < width; ++c) mean += row[c] / n;
  for (std::size_t c = 0; c < width; ++c) variance += (row[c] - mean) * (row[c] - mean) / n;
  return {mean, 1 / std::sqrt(variance + epsilon)};
}

}  // namespace

Values layer_norm(const Values& x, const Values& weight, const Values& bias, std::size_t width,
                  double epsilon) {
  Values y(x.size());
  for (std::size_t first = 0; first < x.size(); first += width) {
    const Moments m = moments(&x[first], width, epsilon);
    for (std::size_t c = 0; c < width; ++c)
      y[first + c] = (x[first + c] - m.mean) * m.scale * weight[c] + (bias.empty() ? 0 : bias[c]);
  }
  return y;
}

LinearGradients layer_norm_backward(const Values& x, const Values& weight, const Values& d_y,
                                    std::size_t width, double epsilon) {
  LinearGradients g{Values(x.size()), Values(width, 0.0), Values(width, 0.0)};
  for (std::size_t first = 0; first < x.size(); first += width) {
    const Moments m = moments(&x[first], width, epsilon);
    double mean_n = 0, mean_nz = 0;
    for (std::size_t c = 0; c < width; ++c) {
      const double z = (x[first + c] - m.mean) * m.scale, n = d_y[first + c] * weight[c];
      mean_n += n / static_cast<double>(width);
      mean_nz += n * z / static_cast<double>(width);
      g.d_weight[c] += d_y[first + c] * z;
      g.d_bias[c] += d_y[first + c];
    }
    for (std::size_t c = 0; c < width; ++c) {
      const double z = (x[first + c] - m.mean) * m.scale;
      g.d_x[first + c] = m.scale * (d_y[first + c] * weight[c] - mean_n - z * mean_nz);
    }
  }
  return g;
}

double gelu(double x, model::Gelu kind) {
  if (kind == model::Gelu::kExact) return x / 2 * (1 + std::erf(x / std::numbers::sqrt2));
  return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

double gelu_slope(double x, model::Gelu kind) {
  if (kind == model::Gelu::kExact)
    return (1 + std::erf(x / std::numbers::sqrt2)) / 2 +
           x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
  const double a = std::sqrt(2 / std::numbers::pi);
  const double t = std::tanh(a * (x + 0.044715 * x * x * x));
  return (1 + t) / 2 + x / 2 * (1 - t * t) * a * (1 + 3 * 0.044715 * x * x);
}

namespace {

/// One head of one sequence: its rows in qkv and in the output.
struct Head {
  std::size_t context, width, d, row0, channel0;
  [[nodiscard]] std::size_t q(std::size_t t) const { return (row0 + t) * 3 * width + channel0; }
  [[nodiscard]] std::size_t k(std::size_t t) const { return q(t) + width; }
  [[nodiscard]] std::size_t v(std::size_t t) const { return q(t) + 2 * width; }
  [[nodiscard]] std::size_t out(std::size_t t) const { return (row0 + t) * width + channel0; }
  [[nodiscard]] double scale() const { return 1 / std::sqrt(static_cast<double>(d)); }

  /// The probabilities of query t over keys 0..t.
  [[nodiscard]] Values probabilities(const Values& qkv, std::size_t t) const {
    Values p(t + 1);
    for (std::size_t j = 0; j <= t; ++j) {
      p[j] = 0;
      for (std::size_t c = 0; c < d; ++c) p[j] += qkv[q(t) + c] * qkv[k(j) + c] * scale();
    }
    const double largest = *std::ranges::max_element(p);
    double sum = 0;
    for (double& e : p) sum += e = std::exp(e - largest);
    for (double& e : p) e /= sum;
    return p;
  }
};

template <class Visit>
void for_each_head(std::size_t batch, std::size_t context, std::size_t heads, std::size_t width,
                   const Visit& visit) {
  for (std::size_t b = 0; b < batch; ++b)
    for (std::size_t h = 0; h < heads; ++h)
      visit(Head{context, width, width / heads, b * context, h * (width / heads)});
}

void head_backward(const Head& head, const Values& qkv, const Values& d_out, Values& d_qkv) {
  for (std::size_t t = 0; t < head.context; ++t) {
    const Values p = head.probabilities(qkv, t);
    Values d_p(t + 1, 0.0);
    double mean = 0;
    for (std::size_t j = 0; j <= t; ++j) {
      for (std::size_t c = 0; c < head.d; ++c) {
        d_p[j] += d_out[head.out(t) + c] * qkv[head.v(j) + c];
        d_qkv[head.v(j) + c] += p[j] * d_out[head.out(t) + c];
      }
      mean += p[j] * d_p[j];
    }
    for (std::size_t j = 0; j <= t; ++j) {
      const double d_score = p[j] * (d_p[j] - mean) * head.scale();
      for (std::size_t c = 0; c < head.d; ++c) {
        d_qkv[head.q(t) + c] += d_score * qkv[head.k(j) + c];
        d_qkv[head.k(j) + c] += d_score * qkv[head.q(t) + c];
      }
    }
  }
}

}  // namespace

Values attention(const Values& qkv, std::size_t batch, std::size_t context, std::size_t heads,
                 std::size_t width) {
  Values out(batch * context * width, 0.0);
  for_each_head(batch, context, heads, width, [&](const Head& head) {
    for (std::size_t t = 0; t < context; ++t) {
      const Values p = head.probabilities(qkv, t);
      for (std::size_t j = 0; j <= t; ++j)
        for (std::size_t c = 0; c < head.d; ++c) out[head.out(t) + c] += p[j] * qkv[head.v(j) + c];
    }
  });
  return out;
}

Values attention_backward(const Values& qkv, const Values& d_out, std::size_t batch,
                          std::size_t context, std::size_t heads, std::size_t width) {
  Values d_qkv(qkv.size(), 0.0);
  for_each_head(batch, context, heads, width,
                [&](const Head& head) { head_backward(head, qkv, d_out, d_qkv); });
  return d_qkv;
}

double cross_entropy(const Values& logits, std::span<const std::int32_t> targets,
                     std::size_t vocabulary) {
  double total = 0;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    const auto row = logits.begin() + static_cast<std::ptrdiff_t>(r * vocabulary);
    const double largest = *std::max_element(row, row + static_cast<std::ptrdiff_t>(vocabulary));
    double sum = 0;
    for (std::size_t v = 0; v < vocabulary; ++v)
      sum += std::exp(logits[r * vocabulary + v] - largest);
    total +=
        std::log(sum) + largest - logits[r * vocabulary + static_cast<std::size_t>(targets[r])];
  }
  return total / static_cast<double>(targets.size());
}

Values cross_entropy_backward(const Values& logits, std::span<const std::int32_t> targets,
                              std::size_t vocabulary) {
  Values gradient(logits.size());
  for (std::size_t r = 0; r < targets.size(); ++r) {
    const std::size_t first = r * vocabulary;
    double sum = 0;
    for (std::size_t v = 0; v < vocabulary; ++v) sum += std::exp(logits[first + v]);
    for (std::size_t v = 0; v < vocabulary; ++v) {
      const double hit = v == static_cast<std::size_t>(targets[r]) ? 1 : 0;
      gradient[first + v] =
          (std::exp(logits[first + v]) / sum - hit) / static_cast<double>(targets.size());
    }
  }
  return gradient;
}

Values numeric_gradient(const std::function<double(const Values&)>& f, Values x, double step) {
  Values gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    x[i] = at + step;
    const double above = f(x);
    x[i] = at - step;
    gradient[i] = (above - f(x)) / (2 * step);
    x[i] = at;
  }
  return gradient;
}

}  // namespace isobar::nn::reference
