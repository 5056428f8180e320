#include "report/plan_waterfall.h"

namespace isobar::report {

std::string plan_waterfall(const plan::PlanLedger& ledger, WaterfallOptions options) {
  options.credit = "that the MFU counts although it took no time";
  return waterfall(ledger.ledger, options, ledger.credited);
}

}  // namespace isobar::report
