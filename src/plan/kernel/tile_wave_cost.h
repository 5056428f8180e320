// Kernel cost from a chip's data sheet and seven coefficients. A matrix product is cut into tiles,
// one per core at a time; the cores take them in waves, and what sticks out of the matrix or finds
// no tile in the last wave is lost. Attention is the same over blocks of queries, with softmax
// between its products. Everything else is bytes over bandwidth. On top of each stands one launch.
//
// Left out: operands whose rows are not aligned for vector loads, cores that share a clock budget
// with other work, and two kernels at once. References: NVIDIA, Matrix Multiplication Background
// User's Guide (tile and wave quantisation); Dao, FlashAttention-2, 2023; Shah et al.,
// FlashAttention-3, 2024 (softmax against matrix units).
#pragma once

#include <array>
#include <string>

#include "chip/datasheet.h"
#include "plan/kernel/kernel_cost.h"

namespace isobar::plan {

/// What of a data sheet decides how long a kernel takes.
struct ChipUnits {
  std::string name;
  std::array<double, 5> peak{};  // FLOP/s by NumberFormat; 0: not offered
  double cores = 0;
  double clock = 0;         // Hz
  double vector_flops = 0;  // FLOP/s in 32 bits
  double bandwidth = 0;     // bytes/s
  double cache = 0;         // bytes that all cores share; 0: unknown
  double measured_16 = 0;   // of the 16-bit peak, the best that anybody reached; 0: unknown

  [[nodiscard]] double peak_of(NumberFormat format) const {
    return peak.at(static_cast<std::size_t>(format));
  }
};
/// Holes are filled as machine.h fills them; a format that is not offered runs at the 16-bit peak.
/// Throws UserError naming the figure without which nothing can be said.
[[nodiscard]] ChipUnits units_of(const chip::Datasheet& sheet);

/// The defaults are those of one well-tuned library; kernel_fit.h fits them to measurements.
struct KernelCoefficients {
  double pipe = 0;       // of the peak, by an inner loop that never waits; 0: as measured, or 0.85
  double memory = 0.85;  // of the bandwidth, by a kernel that only streams
  double launch = 3e-6;  // s from one kernel's end to the next one's work
  double fill = 1e-6;    // s until a core's pipelines are full, per tile
  double port = 64;      // bytes per cycle that a core takes from the shared cache
  double exponential = 16;  // exponentials per cycle and core
  double overlap = 0.5;     // of softmax hidden behind the matrix products of attention
};

class TileWaveCost final : public KernelCost {
 public:
  explicit TileWaveCost(ChipUnits units, KernelCoefficients coefficients = {});
  [[nodiscard]] KernelTime time(const Kernel& kernel) const override;
  [[nodiscard]] const ChipUnits& units() const { return units_; }
  [[nodiscard]] const KernelCoefficients& coefficients() const { return mine_; }

 private:
  [[nodiscard]] KernelTime matmul(const MatmulKernel& kernel) const;
  [[nodiscard]] KernelTime attention(const AttentionKernel& kernel) const;
  [[nodiscard]] KernelTime stream(const StreamKernel& kernel) const;

  ChipUnits units_;
  KernelCoefficients mine_;
};

}  // namespace isobar::plan
