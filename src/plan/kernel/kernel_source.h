// Which kernel cost a plan uses, by name: "model" is the tile-and-wave model of the chip's data
// sheet, and anything else the file of a table (kernel_table.h), to whose rows that model is fitted
// first, so that it interpolates between them and carries beyond them.
#pragma once

#include <memory>
#include <string>

#include "chip/datasheet.h"
#include "plan/kernel/kernel_cost.h"

namespace isobar::plan {

/// `profile` is a file of `isobar run --json` whose times the table names, or empty. Safe to ask
/// from several threads. Throws UserError as read_kernel_table and units_of do.
[[nodiscard]] std::shared_ptr<const KernelCost> kernel_cost_of(const chip::Datasheet& sheet,
                                                               const std::string& source,
                                                               const std::string& profile);

}  // namespace isobar::plan
