#include "explain/flops/operation_flops.h"

#include <array>
#include <initializer_list>

namespace isobar::explain {
namespace {

/// 2 x the product; 0 when a factor is not positive or the product leaves the range of real work.
std::uint64_t twice(std::initializer_list<std::int64_t> factors) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  std::uint64_t product = 2;
  for (const std::int64_t factor : factors) {
    if (factor <= 0 || static_cast<std::uint64_t>(factor) > kMost / product) return 0;
    product *= static_cast<std::uint64_t>(factor);
  }
  return product;
}

/// An operator that multiplies the input at `left` by the one at `right`.
struct Product {
  std::string_view name;
  std::size_t left, right;
  bool transposed;  // the right one is (N, K), as nn.Linear keeps weights
};
constexpr std::array<Product, 9> kProducts{{{"aten::mm", 0, 1, false},
                                            {"aten::addmm", 1, 2, false},
                                            {"aten::addmm_", 1, 2, false},
                                            {"aten::_addmm_activation", 1, 2, false},
                                            {"aten::_scaled_mm", 0, 1, false},
                                            {"aten::bmm", 0, 1, false},
                                            {"aten::baddbmm", 1, 2, false},
                                            {"aten::linear", 0, 1, true},
                                            {"aten::_grouped_mm", 0, 1, false}}};

std::uint64_t product_flops(const Product& product, std::span<const Shape> inputs) {
  if (inputs.size() <= product.right) return 0;
  const Shape& left = inputs[product.left];
  const Shape& right = inputs[product.right];
  if (left.size() < 2 || right.size() < 2) return 0;
  const std::int64_t inner = left.back();
  if (inner != right[right.size() - (product.transposed ? 1 : 2)]) return 0;
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < left.size(); ++i) {
    if (left[i] <= 0 || rows > (std::int64_t{1} << 60) / left[i]) return 0;
    rows *= left[i];
  }
  return twice({rows, inner, right[right.size() - (product.transposed ? 2 : 1)]});
}

/// An attention operator: which input is the query (key and value follow it), which argument says
/// that it is causal, and whether heads stand before or after the sequence.
struct Attention {
  std::string_view name;
  std::size_t query, causal;
  bool heads_first;
  bool backward;
};
constexpr std::array<Attention, 10> kAttentions{{
    {"aten::_scaled_dot_product_flash_attention", 0, 4, true, false},
    {"aten::_scaled_dot_product_efficient_attention", 0, 6, true, false},
    {"aten::_scaled_dot_product_cudnn_attention", 0, 6, true, false},
    {"aten::_flash_attention_forward", 0, 8, false, false},
    {"flash_attn::_flash_attn_forward", 0, 5, false, false},
    {"aten::_scaled_dot_product_flash_attention_backward", 1, 11, true, true},
    {"aten::_scaled_dot_product_efficient_attention_backward", 1, 11, true, true},
    {"aten::_scaled_dot_product_cudnn_attention_backward", 1, 14, true, true},
    {"aten::_flash_attention_backward", 1, 11, false, true},
    {"flash_attn::_flash_attn_backward", 1, 11, false, true},
}};

bool is_causal(const Attention& attention, std::span<const std::string> concrete) {
  return concrete.size() > attention.causal && concrete[attention.causal] == "True";
}

std::uint64_t attention_flops(const Attention& attention, std::span<const Shape> inputs,
                              std::span<const std::string> concrete) {
  if (inputs.size() < attention.query + 3) return 0;
  const Shape& q = inputs[attention.query];
  const Shape& k = inputs[attention.query + 1];
  const Shape& v = inputs[attention.query + 2];
  if (q.size() != 4 || k.size() != 4 || v.size() != 4) return 0;
  const std::size_t head = attention.heads_first ? 1 : 2, position = attention.heads_first ? 2 : 1;
  const std::uint64_t all = twice({q[0], q[head], q[position], k[position], q[3] + v[3]});
  const bool causal = is_causal(attention, concrete);
  return (causal ? all / 2 : all) * (attention.backward ? 2 : 1);
}

}  // namespace

std::uint64_t operation_flops(std::string_view name, std::span<const Shape> inputs,
                              std::span<const std::string> concrete) {
  for (const Product& product : kProducts)
    if (product.name == name) return product_flops(product, inputs);
  for (const Attention& attention : kAttentions)
    if (attention.name == name) return attention_flops(attention, inputs, concrete);
  return 0;
}

std::uint64_t masked_flops(std::string_view name, std::span<const Shape> inputs,
                           std::span<const std::string> concrete) {
  for (const Attention& attention : kAttentions)
    if (attention.name == name && is_causal(attention, concrete))
      return attention_flops(attention, inputs, concrete);
  return 0;
}

}  // namespace isobar::explain
