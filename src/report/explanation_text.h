// The whole text of an explained trace, as `isobar explain` prints it and the public interface
// returns it: the summary, the waterfall, and the tables and the advice below it.
#pragma once

#include <string>

#include "explain/explanation.h"
#include "report/waterfall.h"

namespace isobar::report {

/// `options` say how wide it is and in which characters.
[[nodiscard]] std::string explanation_text(const explain::Explanation& explanation,
                                           WaterfallOptions options);

}  // namespace isobar::report
