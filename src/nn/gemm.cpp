// Variants are listed best first: the share of fused multiply-adds among the instructions of the
// inner loop falls from 67 % (6 x 128) to 48 % (16 x 32). 1 x 128 is for a row or few, as when text
// is written a token at a time.
#include "nn/gemm.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "nn/launch.h"

namespace isobar::nn {
namespace {

constexpr std::uint32_t kFewRows = 3;

struct Variant {
  const char* name;
  std::uint32_t rows;     // of C per warp
  std::uint32_t columns;  // of C per work-item, 32 apart
  bool transposed_a;
  bool edge;  // takes any size

  [[nodiscard]] bool fits(const Gemm& gemm) const {
    if (transposed_a != gemm.transposed_a) return false;
    // A row at a time reads all of B for each of them.
    if (rows == 1 && gemm.rows > kFewRows) return false;
    return edge ||
           (gemm.rows % rows == 0 && gemm.columns % (kLanes * columns) == 0 && gemm.depth % 4 == 0);
  }
};

constexpr std::array kVariants{
    Variant{"gemm_nn_6x128", 6, 4, false, false},  Variant{"gemm_nn_8x64", 8, 2, false, false},
    Variant{"gemm_nn_16x32", 16, 1, false, false}, Variant{"gemm_nn_1x128", 1, 4, false, false},
    Variant{"gemm_nn_edge", 4, 2, false, true},    Variant{"gemm_tn_6x128", 6, 4, true, false},
    Variant{"gemm_tn_8x64", 8, 2, true, false},    Variant{"gemm_tn_16x32", 16, 1, true, false},
    Variant{"gemm_tn_edge", 4, 2, true, true}};

// The tile of kernels/gemm_local.cl.
constexpr std::uint32_t kLocalWarps = 8, kLocalHeight = 48, kLocalWidth = 128, kLocalDepth = 32;

bool fits_local(const Gemm& gemm) {
  return gemm.batch_outer * gemm.batch_inner == 1 && gemm.causal == Causal::kAll &&
         gemm.rows >= kLocalHeight && gemm.columns % kLocalWidth == 0 &&
         gemm.depth % kLocalDepth == 0;
}

const Variant& choose(const Gemm& gemm) {
  for (const Variant& variant : kVariants)
    if (variant.fits(gemm)) return variant;
  throw std::logic_error("no variant of the matrix multiply fits");  // edge fits everything
}

}  // namespace

std::string gemm_variants_source(const std::string& gemm, const std::string& gemm_local) {
  std::string source;
  for (const Variant& v : kVariants) {
    source += fmt::format(
        "#define GEMM_NAME {}\n#define GEMM_ROWS {}\n#define GEMM_COLUMNS {}\n"
        "#define GEMM_TRANSPOSED_A {}\n#define GEMM_EDGE {}\n#line 1 \"gemm.cl\"\n{}"
        "#undef GEMM_NAME\n#undef GEMM_ROWS\n#undef GEMM_COLUMNS\n#undef GEMM_TRANSPOSED_A\n"
        "#undef GEMM_EDGE\n",
        v.name, v.rows, v.columns, v.transposed_a ? 1 : 0, v.edge ? 1 : 0, gemm);
  }
  for (const bool transposed : {false, true}) {
    source += fmt::format(
        "#define GEMM_NAME gemm_{}_local\n#define GEMM_TRANSPOSED_A {}\n"
        "#line 1 \"gemm_local.cl\"\n{}#undef GEMM_NAME\n#undef GEMM_TRANSPOSED_A\n",
        transposed ? "tn" : "nn", transposed ? 1 : 0, gemm_local);
  }
  return source;
}

void multiply(ClContext& cl, const Gemm& g) {
  const std::uint32_t epilogue =
      (g.bias ? 1U : 0U) | (g.residual ? 2U : 0U) | (g.accumulate ? 4U : 0U);
  const Tensor bias = g.bias.value_or(g.a.tensor), residual = g.residual.value_or(g.a.tensor);
  if (fits_local(g)) {
    launch(
        cl, g.transposed_a ? "gemm_tn_local" : "gemm_nn_local",
        {.x = g.columns / kLocalWidth, .y = divide_up(g.rows, kLocalHeight), .warps = kLocalWarps},
        g.a.tensor, g.a.leading, g.b.tensor, g.b.leading, g.c.tensor, g.c.leading, g.rows, g.depth,
        epilogue, bias, residual);
    return;
  }
  const Variant& variant = choose(g);
  launch(cl, variant.name,
         {divide_up(g.columns, kLanes * variant.columns), divide_up(g.rows, variant.rows),
          g.batch_outer * g.batch_inner},
         g.a.tensor, g.a.leading, g.a.outer, g.a.inner,  //
         g.b.tensor, g.b.leading, g.b.outer, g.b.inner,  //
         g.c.tensor, g.c.leading, g.c.outer, g.c.inner,  //
         g.rows, g.columns, g.depth, g.batch_inner, static_cast<std::uint32_t>(g.causal), epilogue,
         bias, residual);
}

void transpose(ClContext& cl, const Matrix& in, const Matrix& out, std::uint32_t rows,
               std::uint32_t columns, std::uint32_t batch_outer, std::uint32_t batch_inner) {
  launch(cl, "transpose",
         {divide_up(columns, kLanes), divide_up(rows, kLanes), batch_outer * batch_inner},
         in.tensor, in.leading, in.outer, in.inner, out.tensor, out.leading, out.outer, out.inner,
         rows, columns, batch_inner);
}

}  // namespace isobar::nn
