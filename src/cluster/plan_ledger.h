// A predicted step as a ledger: every chip-second of every chip, charged to one cause.
#pragma once

#include "cluster/step_time.h"
#include "ledger/ledger.h"

namespace isobar::cluster {

/// In picoseconds x chips of one step. Useful arithmetic is charged at the peak of its own number
/// format and chip, so that the share of useful arithmetic is not the MFU where products are
/// narrow. `peak`: dense 16-bit FLOP/s of a chip, to be named beside it.
[[nodiscard]] ledger::Ledger plan_ledger(const Setting& setting, const Layout& layout,
                                         const StepTime& step, double peak);

}  // namespace isobar::cluster
