// A judge that needs no simulator: one layer of a 70-billion-parameter transformer (width 8192, 64
// heads in 8 groups, inner width 28672), tensor-parallel over eight chips, 4096 tokens, forward and
// backward. Each product is cut into tiles that fit a core's local memory, run in whole waves, and
// bounded by the arithmetic, by what a core can fetch, or by DRAM, whichever is slowest.
//
// Left out: pipelining between chips, stalls inside a core, clocks that fall under load. It ranks
// designs; `isobar plan` times them.
// Reference for tiles and waves: LLMCompass, ISCA 2024; for cache blocking: J.-W. Hong and H. T.
// Kung, I/O Complexity, STOC 1981.
#include <algorithm>
#include <cmath>

#include "fab/sweep.h"

namespace isobar::fab {
namespace {

constexpr double kElement = 2;  // bytes of bf16
constexpr double kTokens = 4096, kWidth = 8192, kInner = 28672, kHeads = 64, kGroups = 8;
constexpr double kHead = kWidth / kHeads, kChips = 8;
constexpr double kFetch = 64;     // bytes per core and cycle from the second level
constexpr double kLaunch = 3e-6;  // s from one kernel to the next
constexpr double kLink = 450e9;   // bytes/s, one way
constexpr double kHidden = 0.5;   // of the collectives, behind arithmetic

/// The side of the square tile whose sums (four bytes) and two buffers of operands fit local
/// memory: a multiple of 16.
double tile_side(const Design& design) {
  constexpr double kDepth = 64;  // of a buffered slice
  const double bytes = design.local_kib * 1024.0;
  const double b = 2 * 2 * kDepth * kElement;  // per element of side: two buffers, two operands
  const double side = (-b + std::sqrt(b * b + 16 * bytes)) / 8;
  return std::max(16.0, std::floor(side / 16) * 16);
}

/// Seconds of C (m x n) = A (m x k) B (k x n).
double product_time(const Design& design, double m, double n, double k) {
  const double hertz = design.clock_ghz * 1e9, cores = design.enabled_cores();
  const double side = tile_side(design);
  const double tiles = std::ceil(m / side) * std::ceil(n / side);
  // Too few tiles for the cores: cut the depth, and add the parts up.
  const double splits = tiles >= cores ? 1 : std::min(std::floor(cores / tiles), k / 256);
  const double waves = std::ceil(tiles * splits / cores);
  const double depth = k / splits;
  const double arithmetic = side * side * depth / design.matrix_fp16;
  const double fetching = 2 * side * depth * kElement / kFetch;
  const double on_cores = waves * std::max(arithmetic, fetching) / hertz;
  // A block of C stays in the second level while its operands stream by.
  const double block = std::sqrt(design.shared_mib * 1048576.0 / (3 * kElement));
  const double passes_a = std::ceil(n / block), passes_b = std::ceil(m / block);
  const double bytes = (m * k * passes_a + k * n * passes_b + m * n * (2 * splits - 1)) * kElement;
  return std::max(on_cores, bytes / design.bandwidth()) + kLaunch;
}

/// Forward, and backward with respect to input and weight.
double trained_product(const Design& design, double m, double n, double k) {
  return product_time(design, m, n, k) + product_time(design, m, k, n) +
         product_time(design, k, n, m);
}

class RooflineJudge final : public Judge {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "tiles, waves and a roofline over one layer of a 70-billion-parameter transformer";
  }
  [[nodiscard]] double mfu(const Design& design) const override {
    const double t = kTokens, w = kWidth;
    const double qkv = (w + 2 * kGroups * kHead) / kChips, heads = w / kChips;
    const double inner = kInner / kChips;
    double seconds = trained_product(design, t, qkv, w) + trained_product(design, t, w, heads) +
                     trained_product(design, t, 2 * inner, w) +
                     trained_product(design, t, w, inner);
    // Attention keeps scores in local memory (FlashAttention): two products forward, five backward,
    // half of each under the causal mask, at the efficiency of depth-128 products.
    const double scores = kHeads / kChips * t * t * kHead;  // multiply-adds of one product
    const double side = tile_side(design);
    const double fed = std::min(1.0, side * kFetch / (2 * kElement * design.matrix_fp16));
    seconds += 7 * scores / 2 / (design.peak() / 2 * fed) + 2 * kLaunch;
    // Norms, rotary positions, the gate and residuals stream about 16 arrays of the width and 8 of
    // the inner width, forward and backward together.
    seconds += (16 * w + 8 * inner) * t * kElement / design.bandwidth() + 12 * kLaunch;
    // Four sums over the chips, each in two halves around a ring.
    const double summed = 4 * t * w * kElement * 2 * (kChips - 1) / kChips / kLink;
    seconds += (1 - kHidden) * summed;
    const double products = t * (w * qkv + w * heads + 3 * w * inner);
    const double useful = 2 * (3 * products + 6 * scores / 2);  // recomputed scores do not count
    return useful / (design.peak() * seconds);
  }
};

}  // namespace

std::unique_ptr<Judge> roofline_judge() { return std::make_unique<RooflineJudge>(); }

}  // namespace isobar::fab
