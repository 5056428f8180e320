// A predicted step as a ledger: every chip-second of every chip, charged to one cause.
#pragma once

#include "ledger/ledger.h"
#include "plan/plan.h"

namespace isobar::plan {

struct PlanLedger {
  ledger::Ledger ledger;
  /// What the convention counts and no time was spent on: the masked half of attention, where it is
  /// counted in full, and products in a narrower type than the peak's that were faster than it.
  std::uint64_t credited = 0;
};

/// In picoseconds x chips of one step, or in a longer unit where those would pass 2^63 (2.5 hours
/// on 1,000 chips); the convention names it. Throws UserError above 9e18 chip-seconds. Useful is
/// what the MFU counts, at the 16-bit peak: its share of the ledger and the credit are the row's
/// MFU.
[[nodiscard]] PlanLedger plan_ledger(const Plan& plan, const PlannedLayout& row);

}  // namespace isobar::plan
