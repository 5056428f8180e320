// The roofline of a chip and where kernels stand under it (Williams, Waterman, Patterson, CACM
// 2009): arithmetic intensity is FLOP per byte that DRAM really moved, the roofs are the dense peak
// of the precisions that the kernel uses, mixed as it mixes them, and the bandwidth of DRAM.
#pragma once

#include <cstdint>
#include <string>

namespace isobar::ledger {

struct Roofs {
  double fp16_flops = 0, fp32_flops = 0, fp64_flops = 0;  // FLOP/s
  double dram_bytes_per_second = 0;
};

struct RooflinePoint {
  std::string kernel;
  std::uint64_t flops_fp16 = 0, flops_fp32 = 0, flops_fp64 = 0;
  std::uint64_t dram_bytes = 0;
  double seconds = 0;

  [[nodiscard]] double flops() const;
  /// FLOP per byte; infinite for a kernel whose data never came to DRAM.
  [[nodiscard]] double intensity() const;
  [[nodiscard]] double flops_per_second() const;
  [[nodiscard]] double bytes_per_second() const;
  /// The peak for its mix of precisions; single precision's for a kernel without FLOPs.
  [[nodiscard]] double arithmetic_roof(const Roofs& roofs) const;
  /// The most FLOP/s that either roof allows.
  [[nodiscard]] double roof(const Roofs& roofs) const;
  [[nodiscard]] bool is_under_memory_roof(const Roofs& roofs) const;
  /// How much of the nearer roof it reaches, 0 to 1: of the bandwidth for one without FLOPs.
  [[nodiscard]] double reached(const Roofs& roofs) const;
};

}  // namespace isobar::ledger
