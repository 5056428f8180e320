// Where a load's cycles went, from issue to use: one stretch after another, each of one cause.
#pragma once

#include <array>
#include <cstdint>

#include "base/units.h"
#include "timing/cause.h"

namespace isobar::timing {

struct LoadTimeline {
  /// Stretches of an access to a cache: register, bank, lookup, then those of MemoryStage.
  static constexpr std::size_t kMshr = 0, kBank = 1, kLookup = 2, kBelow = 3;
  /// Stretches of an access to local memory: its port, the latency, its banks.
  static constexpr std::size_t kPort = 0, kLocal = 1, kConflict = 2;

  Cycles issued, ready;
  std::array<std::uint32_t, kBelow + kMemoryStages> cycles{};
  bool local = false;

  /// Adds the cycles of [begin, end) to the causes, `weight` for each.
  void charge(Cycles begin, Cycles end, std::uint64_t weight, WaitCharges& waits) const;
};

/// Fills in a timeline's stretches, each up to a cycle; one that ended before is empty.
class Stretches {
 public:
  explicit Stretches(LoadTimeline& timeline) : timeline_(timeline), at_(timeline.issued) {
    timeline.cycles.fill(0);
  }
  void until(std::size_t stretch, Cycles end) {
    if (end <= at_) return;
    timeline_.cycles[stretch] = static_cast<std::uint32_t>((end - at_).count());
    at_ = end;
  }

 private:
  LoadTimeline& timeline_;
  Cycles at_;
};

}  // namespace isobar::timing
