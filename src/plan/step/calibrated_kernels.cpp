#include "plan/step/calibrated_kernels.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace isobar::plan {
namespace {

constexpr double kTileRows = 128;

double bytes_of(Precision precision) {
  switch (precision) {
    case Precision::kBf16:
      return 2;
    case Precision::kNvfp4:
      return 0.5625;  // a scale byte per 16 values
    default:
      return 1;
  }
}

/// The part of the cores' time that tiles of 128 x `columns` use: whole tiles, whole waves.
double tile_use(double m, double n, double groups, double columns, double cores) {
  const double tiles = std::ceil(m / kTileRows) * std::ceil(n / columns) * groups;
  const double covered = tiles * kTileRows * columns;
  const double edge = m * n * groups / covered;
  if (cores <= 0) return edge;
  const double waves = std::ceil(tiles / cores);
  return edge * tiles / (waves * cores);
}

NumberFormat format_of(Precision precision) {
  if (precision == Precision::kBf16) return NumberFormat::kBf16;
  return precision == Precision::kNvfp4 ? NumberFormat::kFp4 : NumberFormat::kFp8;
}

/// A kernel has whole sizes; a layout's shares may be fractions.
std::uint64_t whole(double size) {
  constexpr double kMost = 9e18;
  if (!(size <= kMost))
    fail(
        "a kernel of {:.3g} elements or bytes is beyond any table ({:.0g}: a smaller "
        "--micro-batch or --sequence)",
        size, kMost);
  return static_cast<std::uint64_t>(std::llround(std::max(1.0, size)));
}

std::uint32_t whole_groups(double groups) {
  constexpr double kMost = 4e9;
  if (!(groups <= kMost))
    fail(
        "a product of {:.3g} groups in one kernel is beyond any table ({:.0g}: a smaller "
        "--micro-batch)",
        groups, kMost);
  return static_cast<std::uint32_t>(whole(groups));
}

Split2 split(const KernelTime& time) { return {time.ideal, time.total() - time.ideal}; }

}  // namespace

double CalibratedKernels::stream(double bytes) const {
  if (given_ != nullptr) return given_->time(StreamKernel{.bytes_read = whole(bytes)}).total();
  return bytes / (chip_.bandwidth * mine_.memory) + all_.kernel_gap;
}

std::optional<Split2> CalibratedKernels::given_attention(const AttentionKernel& kernel) const {
  if (given_ == nullptr) return std::nullopt;
  return split(given_->time(kernel));
}

double CalibratedKernels::peak(Precision precision) const {
  if (precision == Precision::kBf16) return chip_.peak_16;
  if (precision == Precision::kNvfp4) return chip_.peak_4;
  return chip_.peak_8;
}

Split2 CalibratedKernels::matmul(double m, double n, double k, double groups,
                                 Precision precision) const {
  if (m <= 0 || n <= 0 || k <= 0 || groups <= 0) return {};
  if (given_ != nullptr)
    return split(given_->time(MatmulKernel{.m = whole(m),
                                           .n = whole(n),
                                           .k = whole(k),
                                           .groups = whole_groups(groups),
                                           .format = format_of(precision)}));
  double fraction = mine_.gemm_16;
  if (precision == Precision::kNvfp4) fraction = mine_.gemm_4;
  if (precision != Precision::kBf16 && precision != Precision::kNvfp4) fraction = mine_.gemm_8;
  // Hopper's matrix units have no scales of their own: sums leave them every 128 of k.
  if (precision == Precision::kFp8Block && chip_.generation != Generation::kBlackwell)
    fraction *= all_.block_scales;
  // Clocks fall until the chip meets its power limit: watts per FLOP/s, against the generation's
  // first chip, whose FP4 peak is four times its 16-bit one.
  double watts = chip_.relative_power;
  if (precision == Precision::kNvfp4) watts *= 4 * chip_.peak_16 / chip_.peak_4;
  fraction = std::min(0.98, fraction * std::pow(watts, all_.power));
  const double ideal = 2 * m * n * k * groups / peak(precision);
  // The library picks the tile that wastes least; a narrow tile feeds the units less well.
  const double use = std::max(tile_use(m, n, groups, 256, chip_.cores),
                              0.95 * tile_use(m, n, groups, 128, chip_.cores));
  const double arithmetic = ideal / (fraction * use) * (1 + all_.depth / k);
  const double bytes = bytes_of(precision) * (m * k + k * n) * groups + 2 * m * n * groups;
  const double memory = bytes / (chip_.bandwidth * mine_.memory);
  return {ideal, std::max(arithmetic, memory) + all_.kernel_gap - ideal};
}

Split2 CalibratedKernels::attention(double flops, double head_width, bool backward) const {
  const double ideal = flops / chip_.peak_16;
  // Narrow heads leave the matrix units waiting for softmax; the backward pass recomputes the
  // scores (5 products for 4) and spills more.
  const double narrow = head_width < 128 ? 0.8 : 1.0;
  const double fraction = mine_.attention * narrow * (backward ? 0.8 : 1.0);
  const double work = backward ? 1.25 : 1.0;
  return {ideal, work * ideal / fraction + all_.kernel_gap - ideal};
}

}  // namespace isobar::plan
