#include "plan/kernel/kernel_source.h"

#include <array>
#include <variant>

#include "base/error.h"
#include "plan/kernel/kernel_fit.h"
#include "plan/kernel/kernel_table.h"

namespace isobar::plan {
namespace {

constexpr double kRounding = 1.01;   // of published peaks and of printed times
constexpr double kWidestPort = 256;  // bytes per cycle between a core and the shared cache

/// FLOP/s of a data sheet's entry; 0 where it has none.
template <class Peak>
double number(const Peak& peak) {
  return peak ? static_cast<double>((*peak).count()) : 0;
}

/// The least seconds in which the chip can do it, and what sets them. Nothing where the data sheet
/// does not say.
struct Limit {
  double seconds = 0;
  std::string by;
};

Limit limit_of(const MatmulKernel& kernel, const chip::Datasheet& sheet) {
  const auto& peaks = sheet.peaks;
  const std::array<double, 5> known{number(peaks.fp32), number(peaks.tf32),
                                    number(sheet.peak_16bit()), number(peaks.fp8),
                                    number(peaks.fp4)};
  constexpr std::array<std::string_view, 5> kNames{"fp32", "tf32", "16-bit", "fp8", "fp4"};
  const auto format = static_cast<std::size_t>(kernel.format);
  const double peak = known.at(format);
  if (peak <= 0) return {};
  return {flops(kernel) / peak,
          fmt::format("its dense {} peak, {:.4g} TFLOP/s", kNames.at(format), peak / 1e12)};
}

Limit limit_of(const StreamKernel& kernel, const ChipUnits& units) {
  const double moved = bytes(kernel);
  // What fits a cache need not come from memory.
  constexpr double kUnknownCache = 64e6;
  if (moved > 2 * (units.cache > 0 ? units.cache : kUnknownCache))
    return {moved / units.bandwidth,
            fmt::format("its memory bandwidth, {:.4g} GB/s", units.bandwidth / 1e9)};
  const double ports = units.cores * units.clock * kWidestPort;
  return {moved / ports, fmt::format("what {:.0f} cores can take from a cache, {:.4g} GB/s",
                                     units.cores, ports / 1e9)};
}

/// A time that the chip cannot reach belongs to another chip, or is in another unit.
void check_reachable(const std::vector<KnownKernel>& known, const chip::Datasheet& sheet,
                     const ChipUnits& units, const std::string& source) {
  for (const KnownKernel& entry : known) {
    Limit limit;
    if (const auto* product = std::get_if<MatmulKernel>(&entry.kernel))
      limit = limit_of(*product, sheet);
    if (const auto* stream = std::get_if<StreamKernel>(&entry.kernel))
      limit = limit_of(*stream, units);
    if (entry.seconds * kRounding >= limit.seconds) continue;
    fail(
        "{}:{}: {:.4g} s is {:.3g} times faster than {} can be: {} allows {:.4g} s at least (are "
        "the seconds, or the chip, others'?)",
        source, entry.line, entry.seconds, limit.seconds / entry.seconds, sheet.name, limit.by,
        limit.seconds);
  }
}

}  // namespace

std::shared_ptr<const KernelCost> kernel_cost_of(const chip::Datasheet& sheet,
                                                 const std::string& source,
                                                 const std::string& profile) {
  const ChipUnits units = units_of(sheet);
  if (source == "model") {
    if (!profile.empty())
      fail("{}: a profile goes with a table of kernels, not with the model", profile);
    return std::make_shared<TileWaveCost>(units);
  }
  std::vector<KnownKernel> known = read_kernel_table(source, profile);
  if (known.empty()) fail("{}: the table has no rows (one kernel at least)", source);
  check_reachable(known, sheet, units, source);
  const KernelCoefficients fitted = fit_kernels(units, known);
  return std::make_shared<TableCost>(std::move(known),
                                     std::make_shared<TileWaveCost>(units, fitted));
}

}  // namespace isobar::plan
