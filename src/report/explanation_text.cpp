#include "report/explanation_text.h"

#include "explain/explain_text.h"

namespace isobar::report {

std::string explanation_text(const explain::Explanation& explanation, WaterfallOptions options,
                             std::size_t columns) {
  options.at_once = explanation.peak.sms * explanation.ranks.size();
  options.credit =
      explanation.masked_flops > 0
          ? "that causal kernels left out, or a narrower type made faster than the peak"
          : "by kernels faster than this peak (a narrower type)";
  return explain::summary_text(explanation, options.width) + "\n" +
         waterfall(*explanation.ledger, options, explanation.credited) +
         explain::classes_text(explanation, columns) + explain::ranks_text(explanation, columns) +
         explain::advice_text(explanation, options.width);
}

}  // namespace isobar::report
