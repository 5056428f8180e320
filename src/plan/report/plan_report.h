// A plan as text and as JSON.
#pragma once

#include <string>

#include "base/terminal.h"
#include "plan/plan.h"

namespace isobar::plan {

/// Everything but the ledger's picture, which report/ draws. No line is wider than `columns`.
[[nodiscard]] std::string plan_text(const Plan& plan, bool explain,
                                    std::size_t columns = kAnyWidth);
/// {"model", "chip", "cluster", "chips", "batch", "sequence", "layouts": [...], "search": {...},
/// "run": {...}, "warnings": [...], "ledger": {...}}.
[[nodiscard]] std::string plan_json(const Plan& plan);

/// All tables in one (base/text/csv.h): layouts, run, mfu_chain, choices, collectives, ledger.
[[nodiscard]] std::string plan_csv(const Plan& plan);

/// What every MFU of the plan counts, and over which peak.
[[nodiscard]] std::string mfu_convention(const Plan& plan);

/// Why `other` is slower than `best`: the causes that cost it most, in percent of the best's step.
[[nodiscard]] std::string why_slower(const PlannedLayout& best, const PlannedLayout& other);

}  // namespace isobar::plan
