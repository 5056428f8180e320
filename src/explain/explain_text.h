// An explanation as text for a terminal, all but the waterfall (report/waterfall.h), and as JSON.
#pragma once

#include <string>
#include <vector>

#include "base/terminal.h"
#include "explain/causes.h"
#include "explain/explanation.h"

namespace isobar::explain {

/// What was read, and the figures of a step, as a summary of a few lines.
[[nodiscard]] std::string summary_text(const Explanation& explanation, std::size_t width);
/// Time by class of kernels.
[[nodiscard]] std::string classes_text(const Explanation& explanation,
                                       std::size_t columns = kAnyWidth);
/// One line a rank, where there are several.
[[nodiscard]] std::string ranks_text(const Explanation& explanation,
                                     std::size_t columns = kAnyWidth);
[[nodiscard]] std::string advice_text(const Explanation& explanation, std::size_t width);
[[nodiscard]] std::string kernels_text(const Explanation& explanation,
                                       const std::vector<CauseKernels>& causes, std::size_t width);

/// All tables in one (base/text/csv.h): figures, classes, ranks, advice, ledger, and with `causes`
/// their kernels.
[[nodiscard]] std::string to_csv(const Explanation& explanation,
                                 const std::vector<CauseKernels>& causes);

/// One object; docs/EXPLAIN.md names its members. `causes` may be empty.
[[nodiscard]] std::string to_json(const Explanation& explanation,
                                  const std::vector<CauseKernels>& causes);

}  // namespace isobar::explain
