// Seconds of one kernel on a chip, from its data sheet and the few calibrated fractions. A matrix
// product is cut into tiles that the cores take in waves; attention and memory-bound kernels reach
// a fraction of their roof. Where the user gave a cost of kernels of his own, that is asked
// instead.
#pragma once

#include <optional>

#include "plan/kernel/kernel_cost.h"
#include "plan/network/machine.h"
#include "plan/step/coefficients.h"
#include "plan/step/layout.h"

namespace isobar::plan {

struct Split2 {
  double ideal = 0;  // at the peak
  double more = 0;   // above it
  [[nodiscard]] double total() const { return ideal + more; }
};

class CalibratedKernels {
 public:
  CalibratedKernels(const ChipFigures& chip, const Coefficients& coefficients,
                    const KernelCost* given = nullptr)
      : chip_(chip), mine_(coefficients.of(chip.generation)), all_(coefficients), given_(given) {}

  /// (m x k) (k x n), `groups` times in one launch.
  [[nodiscard]] Split2 matmul(double m, double n, double k, double groups,
                              Precision precision) const;
  /// `flops` of fused attention as a causal kernel does them.
  [[nodiscard]] Split2 attention(double flops, double head_width, bool backward) const;
  /// The same of a kernel whose shape is known; nothing unless the user gave a cost.
  [[nodiscard]] std::optional<Split2> given_attention(const AttentionKernel& kernel) const;
  [[nodiscard]] double stream(double bytes) const;
  [[nodiscard]] double peak(Precision precision) const;

 private:
  const ChipFigures& chip_;
  const ChipCoefficients& mine_;
  const Coefficients& all_;
  const KernelCost* given_;
};

}  // namespace isobar::plan
