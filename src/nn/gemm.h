// Matrix multiply on the device: C = A B, Aᵀ B, with bias, residual or accumulation, over a batch.
// The kernel comes in several register tiles (kernels/gemm.cl); the host picks the largest that
// fits.
#pragma once

#include <optional>
#include <string>

#include "nn/tensor.h"

namespace isobar::nn {

/// A matrix, or a batch of them in two levels: element (o, i) of the batch starts o * outer +
/// i * inner elements in (sequences and heads, for attention).
struct Matrix {
  Tensor tensor;
  std::uint32_t leading = 0;  // elements from one row to the next
  std::uint32_t outer = 0, inner = 0;
};

/// Which terms k of the sum for row r can be non-zero. Others are skipped, tile by tile.
enum class Causal : std::uint8_t { kAll = 0, kUpToRow = 1, kFromRow = 2 };

struct Gemm {
  Matrix a, b, c;
  std::uint32_t rows = 0, columns = 0, depth = 0;  // C is rows x columns
  bool transposed_a = false;                       // A is stored depth x rows
  std::uint32_t batch_outer = 1, batch_inner = 1;
  Causal causal = Causal::kAll;
  std::optional<Tensor> bias;      // (columns)
  std::optional<Tensor> residual;  // laid out as C; may be C itself
  bool accumulate = false;         // add to C
};

/// Enqueues the product. Sums run over k in ascending order, so the tile chosen does not show in
/// the result.
void multiply(ClContext& cl, const Gemm& gemm);

/// All variants of the kernels, as source text: kernels/gemm.cl and gemm_local.cl, given as text,
/// once per variant.
[[nodiscard]] std::string gemm_variants_source(const std::string& gemm,
                                               const std::string& gemm_local);

/// out = inᵀ, where `in` is rows x columns, over a batch as above.
void transpose(ClContext& cl, const Matrix& in, const Matrix& out, std::uint32_t rows,
               std::uint32_t columns, std::uint32_t batch_outer = 1, std::uint32_t batch_inner = 1);

}  // namespace isobar::nn
