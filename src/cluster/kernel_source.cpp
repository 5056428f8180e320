#include "cluster/kernel_source.h"

#include "base/error.h"
#include "cluster/kernel_fit.h"

namespace isobar::cluster {

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
  const KernelCoefficients fitted = fit_kernels(units, known);
  return std::make_shared<TableCost>(std::move(known),
                                     std::make_shared<TileWaveCost>(units, fitted));
}

}  // namespace isobar::cluster
