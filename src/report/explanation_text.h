// The whole text of an explained trace, as `isobar explain` prints it and the public interface
// returns it: the summary, the waterfall, and the tables and the advice below it.
#pragma once

#include <string>

#include "base/terminal.h"
#include "explain/explanation.h"
#include "report/waterfall.h"

namespace isobar::report {

/// `options` say how wide it is and in which characters; no table is wider than `columns`.
[[nodiscard]] std::string explanation_text(const explain::Explanation& explanation,
                                           WaterfallOptions options,
                                           std::size_t columns = kAnyWidth);

}  // namespace isobar::report
