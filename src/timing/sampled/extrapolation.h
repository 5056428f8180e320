// A launch of which the timed machine saw blocks of work-groups: what all of it took.
//
// Time: between the marks that the dispatcher took each time it had filled the chip, a block has a
// pace, in cycles per instruction; start and end of the launch are counted once, as they were. A
// gap goes at the mean of the paces on its two sides. Traffic: what the blocks moved plus what the
// gaps did to the caches (timing/sampled/cache_warmer.h). Where a gap moved more bytes to and from
// DRAM per instruction than the blocks beside it, each byte more costs what it costs at the peak,
// weighted by how near to the peak the blocks are.
#pragma once

#include "chip/chip.h"
#include "timing/cycle_totals.h"
#include "timing/sampled/cache_warmer.h"

namespace isobar::timing {

struct LaunchTimes;

/// What an extrapolated launch took, and how far its cycles may be off.
struct Estimate {
  CycleTotals totals;
  double margin_cycles = 0;
};

/// The part that is never claimed to be known better, of what was extrapolated.
inline constexpr double kLeastMargin = 0.01;

/// Bytes of DRAM per cycle of the chip's clock.
[[nodiscard]] double peak_dram_bytes(const chip::Chip& chip);

/// Of a launch with gaps; one without them is as it was timed.
[[nodiscard]] Estimate whole_launch(const chip::Chip& chip, const LaunchTimes& times);

/// `totals` with the traffic that `work` had, and the time that the difference makes. Rows of DRAM
/// and cycles of local memory keep their rates.
[[nodiscard]] Estimate with_traffic(const chip::Chip& chip, const CycleTotals& totals,
                                    const Untimed& work);

}  // namespace isobar::timing
