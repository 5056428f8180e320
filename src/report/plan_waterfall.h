// The waterfall of a plan's best layout, as `isobar plan` prints it and the public interface
// returns it.
#pragma once

#include <string>

#include "plan/report/plan_ledger.h"
#include "report/waterfall.h"

namespace isobar::report {

/// `options` say how wide it is and in which characters.
[[nodiscard]] std::string plan_waterfall(const plan::PlanLedger& ledger, WaterfallOptions options);

}  // namespace isobar::report
