// The first-order estimate of a kernel's time from its counts, by bottleneck: the launch takes the
// longest of arithmetic, issue, local memory and DRAM at their peak rates, plus the launch itself.
// It is what a functional run says of time; the timed machine (machine.h) knows better.
#pragma once

#include <optional>

#include "base/units.h"
#include "chip/chip.h"
#include "simt/counters.h"

namespace isobar::timing {

/// The parts sum exactly to total. What each means is documented at estimate() in first_order.cpp.
struct KernelTime {
  Picoseconds total, arithmetic, issue, local_memory, dram, launch;
  KernelTime& operator+=(const KernelTime& other);
};

/// Of one launch: sum the results, not the counters, because the model is a maximum. `footprint`
/// is the size of all buffers the launch was given; unknown means no reuse in any cache.
[[nodiscard]] KernelTime estimate(const chip::Chip& chip, const simt::Counters& counters,
                                  std::optional<Bytes> footprint = std::nullopt);

}  // namespace isobar::timing
