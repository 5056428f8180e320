// The ledger: a tree of causes in which every unit of capacity is charged to exactly one cause.
// Capacity and charges are whole numbers of one unit, so sums are exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isobar/export.h"

namespace isobar::inline v0 {

struct Cause {
  std::string name;          // "memory", "dram row"
  std::string explanation;   // one sentence; empty for a group
  std::uint64_t charge = 0;  // in the ledger's unit; of a group, the sum of its parts
  std::vector<Cause> parts;  // empty: a cause and not a group
};

struct Ledger {
  std::uint64_t capacity = 0;  // all there was to spend
  std::string unit;            // "lane-slots", "ps", "ps x chip", "ns x SM"
  std::string source;          // measured, simulated or predicted, and how
  std::string flops;           // which arithmetic counts as useful; empty for a kernel
  std::string peak;            // over which peak; empty for a kernel
  std::vector<Cause> causes;   // one is "useful model arithmetic"; of a kernel, "issued"

  /// Capacity that no cause was charged with: zero, unless Isobar has a defect.
  [[nodiscard]] ISOBAR_API std::int64_t unattributed() const;
  /// Share of the capacity, 0 to 1, of the cause at `path`: "memory", or "memory/dram row". Nothing
  /// for a path at which nothing was charged.
  [[nodiscard]] ISOBAR_API std::optional<double> share(std::string_view path) const;
};

}  // namespace isobar::inline v0
