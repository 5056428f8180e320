// The area of one compute die from its public micro-architecture: how many transistors its units
// have, how large they and the SRAM are on its node, and PHYs, which no node shrinks.
//
// A linear model: each block is a count from the chip file times a constant of constants.toml. Four
// of those are least squares over fourteen published dies (area_fit.h), all others come from
// publications. Left out: what a floorplan does not name (host cores, video, wide on-die fabrics).
// Peer: H. Zhang et al., LLMCompass, ISCA 2024, section on area.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chip/datasheet.h"
#include "fab/constants/constants.h"

namespace isobar::fab {

struct AreaBlock {
  std::string_view name;
  double mm2 = 0;
};
struct AreaEstimate {
  std::vector<AreaBlock> blocks;  // sum to total
  double total = 0;               // mm2
  double cores = 0;               // mm2 of one core, of `total`
};

/// What the floorplan must say and does not, as a list of keys; empty: it can be estimated.
[[nodiscard]] std::string missing_for_area(const chip::Datasheet& sheet,
                                           const Constants& constants);
/// Requires that nothing is missing.
[[nodiscard]] AreaEstimate estimate_area(const chip::Floorplan& plan, const ProcessNode& node,
                                         const MemoryInterface& memory,
                                         const AreaConstants& constants);

/// The published dies that can be held against the model: an area, a floorplan, and one sheet for
/// each die. Those whose floorplan says that it leaves blocks out come last, with `complete` false.
struct PublishedDie {
  chip::Datasheet sheet;
  bool complete = true;
};
[[nodiscard]] std::vector<PublishedDie> published_dies(const Constants& constants);

}  // namespace isobar::fab
