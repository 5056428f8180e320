// How a warp scheduler picks among the warps that could issue. A policy is one function and one row
// of the table in scheduling.cpp; the chip file names it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace isobar::timing {

/// What a policy may look at. Warps are numbered within their scheduler, 0 to 63.
struct Candidates {
  std::uint64_t mask = 0;              // who could issue now; never 0
  std::uint64_t resident = 0;          // who is there at all
  unsigned last = 0;                   // who issued last
  const std::uint64_t* age = nullptr;  // smaller: dispatched earlier
  std::uint64_t* active = nullptr;     // the two-level policy's inner set
};

using Policy = unsigned (*)(const Candidates& candidates);

struct PolicyRow {
  std::string_view name;
  Policy pick;
  std::string_view meaning;
};
[[nodiscard]] std::span<const PolicyRow> policies();
/// Null for an unknown name.
[[nodiscard]] Policy find_policy(std::string_view name);

}  // namespace isobar::timing
