// What each choice of a layout is worth: the same layout with one choice made otherwise, timed, and
// where it cannot be had, the rule or the bytes that forbid it. The ranking shows one layout of
// each set of degrees; this shows the rest: ZeRO stage, HSDP, offload, overlap, schedule, ...
#pragma once

#include <string>
#include <vector>

#include "plan/search.h"

namespace isobar::plan {

struct Alternative {
  std::string change;  // "zero 2 instead of 1"
  Candidate candidate;
  std::string refused;  // the rule it breaks, or the memory it lacks; empty: it can run
};

/// In the order of the choices; `best` fits.
[[nodiscard]] std::vector<Alternative> alternatives(const Setting& setting, const Layout& best);

}  // namespace isobar::plan
