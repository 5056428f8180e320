// What to change, from an explanation: each piece of advice names its cause, the time it could win
// back at most, and the figures it rests on. The rules are few and their thresholds stand in
// advice.cpp; what is below 1 % of the step is not worth a line.
#pragma once

#include <vector>

#include "explain/explanation.h"

namespace isobar::explain {

/// The largest gain first.
[[nodiscard]] std::vector<Advice> advise(const Explanation& explanation);

}  // namespace isobar::explain
