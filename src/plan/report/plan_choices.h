// The text and JSON of `isobar plan --explain` beside the ranking: what each choice of the best
// layout is worth, and its collectives.
#pragma once

#include <string>
#include <vector>

#include "base/terminal.h"
#include "plan/alternatives.h"
#include "plan/plan.h"

namespace isobar::plan {

/// Of the best layout; none where several kinds of chips share it.
[[nodiscard]] std::vector<Alternative> alternatives_of(const Plan& plan);

[[nodiscard]] std::string choices_text(const Plan& plan, std::size_t columns = kAnyWidth);
[[nodiscard]] std::string transfers_text(const Plan& plan, std::size_t columns = kAnyWidth);
/// A JSON array each.
[[nodiscard]] std::string choices_json(const Plan& plan);
[[nodiscard]] std::string transfers_json(const Plan& plan);

}  // namespace isobar::plan
