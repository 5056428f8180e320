// The ledger of cycles as a tree: from charges by cause to group / cause, in the order of a
// waterfall, outermost loss first.
#pragma once

#include <span>
#include <string_view>

#include "ledger/cycle_cause.h"
#include "ledger/ledger.h"

namespace isobar::ledger {

/// Groups of causes in the order in which a waterfall shows them; "issued" is the last.
[[nodiscard]] std::span<const std::string_view> cycle_groups();

/// Charges each cause that has a charge, at {group, name}.
void charge_cycles(Ledger& ledger, const CycleCharges& charges);

/// Lane-slots of a kernel: capacity is cycles x cores x schedulers x lanes.
[[nodiscard]] Ledger cycle_ledger(std::uint64_t capacity, const CycleCharges& charges,
                                  Convention convention);

}  // namespace isobar::ledger
