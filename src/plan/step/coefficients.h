// The few numbers that no data sheet says: which fraction of a peak a good kernel reaches, what a
// launch costs the host, how much communication hides. Each has a meaning, a plausible range and a
// default; share/isobar/plan/calibration.toml holds those fitted to published runs, and
// `isobar plan --fit` fits them to the user's own. They belong to a generation of chips or to the
// software, never to a row or to a model.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/network/machine.h"

namespace isobar::plan {

struct ChipCoefficients {
  double gemm_16 = 0.75;      // of the 16-bit peak, by a large matrix product
  double gemm_8 = 0.65;       // of the FP8 peak
  double gemm_4 = 0.55;       // of the FP4 peak
  double attention = 0.6;     // of the 16-bit peak, by fused attention, forward
  double memory = 0.8;        // of the memory bandwidth, by memory-bound kernels
  double link = 0.75;         // of the scale-up bandwidth, by collectives
  double host_kernel = 8e-6;  // seconds of the host per launched kernel
  double stock = 0.9;         // of the tuned stack's speed, by a framework's stock kernels
};

/// What decides how far a prediction may be trusted.
enum class RunClass : std::uint8_t { kOneNode, kDense, kExperts };
inline constexpr std::size_t kRunClasses = 3;
[[nodiscard]] std::string_view name_of(RunClass run_class);

/// In which way a run can be unlike all that the coefficients were fitted to.
enum class Beyond : std::uint8_t {
  kGeneration,  // no chip of this kind
  kChip,        // others of its generation, but not this one
  kClass,       // no run of this class on this generation
  kFormat,      // nor in products this narrow
  kScale,       // nor on nearly as many chips
  kCount
};
inline constexpr std::size_t kBeyonds = static_cast<std::size_t>(Beyond::kCount);
[[nodiscard]] std::string_view name_of(Beyond beyond);

/// The runs that coefficients were fitted to, in numbers.
struct FittedRuns {
  std::map<std::string, std::uint32_t> chips;                                  // by name
  std::array<std::array<std::uint32_t, kGenerations>, kRunClasses> classes{};  // by generation
  std::array<std::array<std::uint32_t, kGenerations>, 3> formats{};  // of 16, 8 and 4 bits
  std::array<std::uint32_t, kRunClasses> largest{};                  // in chips
};

struct Coefficients {
  std::array<ChipCoefficients, kGenerations> chips{};
  double network = 0.8;            // of the scale-out bandwidth, by collectives
  double host_collective = 60e-6;  // seconds of the host per tensor-parallel collective
  double kernel_gap = 2e-6;        // seconds on the device between two kernels
  double power = 0.5;              // exponent: speed of products over watts per FLOP/s
  double block_scales = 0.92;      // of an FP8 product's speed, where sums are scaled in blocks
  double depth = 256;              // k at which half of a matrix product's time is start-up
  double tensor_overlap = 0.5;  // of tensor-parallel communication hidden, where it is overlapped
  double data_overlap = 0.7;    // of gradient communication hidden, where it is overlapped
  double shard_overlap = 0.8;   // of ZeRO-3 communication that computation can hide
  double expert_overlap = 0.3;  // of expert all-to-all that hides behind computation
  double expert_link = 0.6;     // of the bandwidth, by all-to-all with small messages
  double expert_traffic = 4;    // passes over the routed tokens to permute them, forward
  double expert_sync =
      2e-4;  // seconds per pass through a layer with experts: the host learns counts
  double expert_fused = 0.6;      // of routing and exchange that is left where they are fused
  double lent = 0.15;             // of the cores, while communication hides behind computation
  double straggler = 0.01;        // deviation of a chip's time for a step, over that time
  double step_overhead = 5e-3;    // seconds per step: loop, data, loss scaling, logging
  double tensor_overhead = 1e-4;  // seconds per step and layer: optimiser launches per tensor
  double optimizer_bytes = 40;    // memory traffic per updated parameter
  double pipeline_exchange = 1;   // of the pipeline's messages on the critical path

  /// Quantiles of measured / predicted, per class of run, that hold 80 % between them.
  struct Spread {
    double low = 0.8, high = 1.25;
  };
  std::array<Spread, kRunClasses> spread{};
  /// The same of runs that were left out of a fit because they are unlike the rest in this way.
  std::array<Spread, kBeyonds> beyond{Spread{0.5, 2}, {0.5, 2}, {0.5, 2}, {0.5, 2}, {0.5, 2}};
  FittedRuns fitted;

  [[nodiscard]] const ChipCoefficients& of(Generation generation) const {
    return chips.at(static_cast<std::size_t>(generation));
  }
};

/// Every coefficient, declared once.
struct CoefficientRow {
  std::string name;  // "hopper.gemm_16"
  double low, high;
  std::string_view meaning;
  double ChipCoefficients::* of_chip = nullptr;  // either this, of `generation`
  double Coefficients::* of_all = nullptr;       // or this
  Generation generation = Generation::kOther;
  [[nodiscard]] double& in(Coefficients& coefficients) const;
  [[nodiscard]] double in(const Coefficients& coefficients) const;
};
[[nodiscard]] std::span<const CoefficientRow> coefficient_rows();

/// Throws UserError for an unknown name or a value out of its range.
[[nodiscard]] Coefficients parse_coefficients(std::string_view text, const std::string& path);
[[nodiscard]] Coefficients read_coefficients(const std::filesystem::path& path);
/// Those that came with Isobar.
[[nodiscard]] Coefficients calibrated_coefficients();
/// The file that parse_coefficients reads, each line with range and meaning; `fitted_on` is told in
/// its first line.
[[nodiscard]] std::string coefficients_file(const Coefficients& coefficients,
                                            std::string_view fitted_on);

}  // namespace isobar::plan
