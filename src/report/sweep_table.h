// The outcome of a sweep of designs: the Pareto front as text, everything as JSON, a page with the
// cloud of designs and the front.
#pragma once

#include <string>

#include "base/terminal.h"
#include "fab/sweep.h"

namespace isobar::report {

[[nodiscard]] std::string sweep_text(const fab::SweepResult& result,
                                     std::size_t columns = kAnyWidth);
[[nodiscard]] std::string sweep_json(const fab::SweepResult& result);
/// The front, and as `all` every design within the limits.
[[nodiscard]] std::string sweep_csv(const fab::SweepResult& result);
[[nodiscard]] std::string sweep_page(const fab::SweepResult& result);

}  // namespace isobar::report
