#include "plan/kernel/kernel_fit.h"

#include <array>
#include <cmath>

#include "base/error.h"

namespace isobar::plan {
namespace {

using K = KernelCoefficients;
constexpr std::array kRows{
    KernelCoefficientRow{"pipe", &K::pipe, 0.4, 1.0,
                         "of the peak, by an inner loop that never waits"},
    KernelCoefficientRow{"memory", &K::memory, 0.4, 1.0,
                         "of the bandwidth, by a kernel that only streams"},
    KernelCoefficientRow{"launch", &K::launch, 5e-7, 2e-4,
                         "seconds from one kernel's end to the next one's work"},
    KernelCoefficientRow{"fill", &K::fill, 1e-7, 2e-5,
                         "seconds until a core's pipelines are full, per tile"},
    KernelCoefficientRow{"port", &K::port, 16, 256,
                         "bytes per cycle that a core takes from the shared cache"},
    KernelCoefficientRow{"exponential", &K::exponential, 4, 128, "exponentials per cycle and core"},
    KernelCoefficientRow{"overlap", &K::overlap, 0.01, 1.0,
                         "of softmax hidden behind the matrix products of attention"}};

double error_at(const ChipUnits& units, const KernelCoefficients& coefficients,
                std::span<const KnownKernel> known) {
  return kernel_error(TileWaveCost(units, coefficients), known);
}

/// The best of a geometric grid over the range, then of ever finer ones around the best.
double search(const ChipUnits& units, KernelCoefficients& coefficients,
              const KernelCoefficientRow& row, std::span<const KnownKernel> known, double best) {
  constexpr int kPoints = 16, kRounds = 5;
  double low = row.low, high = row.high;
  for (int round = 0; round < kRounds; ++round) {
    const double ratio = std::pow(high / low, 1.0 / kPoints);
    double kept = coefficients.*row.field;
    for (int i = 0; i <= kPoints; ++i) {
      KernelCoefficients trial = coefficients;
      trial.*row.field = low * std::pow(ratio, i);
      const double error = error_at(units, trial, known);
      if (error < best * (1 - 1e-9)) {
        best = error;
        kept = trial.*row.field;
      }
    }
    coefficients.*row.field = kept;
    low = std::max(row.low, kept / ratio);
    high = std::min(row.high, kept * ratio);
  }
  return best;
}

}  // namespace

std::span<const KernelCoefficientRow> kernel_coefficient_rows() { return kRows; }

double kernel_error(const KernelCost& cost, std::span<const KnownKernel> known) {
  double sum = 0;
  for (const KnownKernel& entry : known)
    sum += std::abs(std::log(cost.time(entry.kernel).total() / entry.seconds));
  return known.empty() ? 0 : std::exp(sum / static_cast<double>(known.size())) - 1;
}

KernelCoefficients fit_kernels(const ChipUnits& units, std::span<const KnownKernel> known,
                               KernelCoefficients start) {
  if (known.empty()) fail("no kernels to fit to (a table needs one row at least)");
  KernelCoefficients coefficients = TileWaveCost(units, start).coefficients();
  double best = error_at(units, coefficients, known);
  constexpr int kSweeps = 20;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    const double before = best;
    for (const KernelCoefficientRow& row : kRows)
      best = search(units, coefficients, row, known, best);
    if (best > before * 0.999) break;
  }
  return coefficients;
}

}  // namespace isobar::plan
