// Weeks from a finished design to chips in hand, and how they answer to a change of supply.
//
// Four phases in sequence: tape-out (unique transistors times the node's difficulty, shared among
// engineers as far as the work divides), the queue at the foundry, fabrication (its latency and the
// wafers at the rate granted), test and packaging. The Chip Agility Score is the inverse of how
// much the date moves with the wafer rate: |d weeks / d rate|^-1, in wafers per hour and week.
// Reference: A. Ning, G. Tziantzioulis, D. Wentzlaff, Supply Chain Aware Computer Architecture,
// ISCA 2023; data: PrincetonUniversity/ttm-cas.
#pragma once

#include "fab/constants/constants.h"

namespace isobar::fab {

struct MarketPlan {
  double chips = 0;  // finished
  double dies_per_package = 1;
  double transistors = 0;         // of a die
  double unique_transistors = 0;  // of these, laid out once
  double area = 0;                // mm2 of a die; 0: transistors over the node's density
  double die_yield = 0;           // 0: the negative binomial with the node's defects
  double engineers = 1;
  double parallel = 0;     // share of tape-out that divides among engineers
  double queue_weeks = 0;  // at full capacity
  double capacity = 1;     // share of the node's wafer rate
};
struct MarketTime {
  double tapeout = 0, queue = 0, fabrication = 0, packaging = 0;  // weeks
  double wafers = 0;
  double agility = 0;  // the Chip Agility Score
  double cost = 0;     // dollars to create the chips, as that paper counts
  [[nodiscard]] double total() const { return tapeout + queue + fabrication + packaging; }
};
/// A node without capacity answers with infinite weeks and no agility.
[[nodiscard]] MarketTime time_to_market(const MarketPlan& plan, const MarketNode& node,
                                        const MarketConstants& constants);

}  // namespace isobar::fab
