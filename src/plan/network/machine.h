// What the planner knows about one chip and about the network between the chips: a data sheet and a
// cluster file boiled down to the figures that formulas need, with holes filled by stated rules.
//
// A network is a list of levels from the inside out (scale-up domain, leaf, spine). A level has the
// number of chips that reach each other through it, each chip's bandwidth into it in one direction,
// the latency of one hop and the factor by which its uplinks are oversubscribed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "chip/datasheet.h"

namespace isobar::plan {

/// Which calibrated coefficients apply to a chip (coefficients.h).
enum class Generation : std::uint8_t { kOther, kAmpere, kHopper, kBlackwell, kAscend };
inline constexpr std::size_t kGenerations = 5;
[[nodiscard]] std::string_view name_of(Generation generation);

struct ChipFigures {
  std::string name;
  Generation generation = Generation::kOther;
  double peak_16 = 0;         // FLOP/s, dense
  double peak_8 = 0;          // 0: the chip has no FP8
  double peak_4 = 0;          // 0: no FP4
  double bandwidth = 0;       // bytes/s of memory
  double capacity = 0;        // bytes
  double cores = 0;           // 0: unknown, then waves are not quantised
  double link = 0;            // bytes/s, scale-up, one direction
  std::uint32_t domain = 1;   // chips in the scale-up domain
  double nic = 0;             // bytes/s, scale-out, one direction
  double power = 0;           // watts; 0: unknown
  double relative_power = 1;  // watts per 16-bit FLOP/s over those of the generation's first chip
  std::vector<std::string> assumptions;  // where a hole was filled
};

/// Throws UserError naming the figure without which nothing can be planned.
[[nodiscard]] ChipFigures figures_of(const chip::Datasheet& sheet);

/// How a level joins its chips, or the domains below it; topology.h says what that costs.
enum class Topology : std::uint8_t {
  kSwitched,   // a switch or a fat tree of them
  kMesh,       // a link between every two chips
  kTorus,      // rings in one (a ring), two or three dimensions
  kRail,       // a switch for the chips of the same number in each domain
  kDragonfly,  // groups joined by few long links, routed around where those are full
};
[[nodiscard]] std::string_view name_of(Topology topology);

struct Level {
  std::string name;
  std::uint32_t chips = 0;      // that reach each other through it; 0: as many as there are
  double bandwidth = 0;         // bytes/s per chip, one direction
  double latency = 0;           // seconds per message
  double oversubscription = 1;  // of the uplinks to this level
  Topology topology = Topology::kSwitched;
  std::vector<std::uint32_t> dimensions;  // of a torus; chips are numbered along the first one
};

struct Network {
  std::string name;
  std::vector<Level> levels;     // from the inside out
  std::uint32_t node_chips = 8;  // that share one host

  /// Chips in the innermost level.
  [[nodiscard]] std::uint32_t domain() const { return levels.front().chips; }
};

/// A scale-up domain and one full-bandwidth network behind it, from the chip's own data sheet.
[[nodiscard]] Network network_of(const ChipFigures& chip);

}  // namespace isobar::plan
