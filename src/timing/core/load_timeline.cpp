#include "timing/core/load_timeline.h"

#include <algorithm>
#include <span>

namespace isobar::timing {
namespace {

constexpr std::array<Cause, LoadTimeline::kBelow + kMemoryStages> kCacheCauses = [] {
  std::array<Cause, LoadTimeline::kBelow + kMemoryStages> causes{};
  causes[LoadTimeline::kMshr] = Cause::kL1Mshr;
  causes[LoadTimeline::kBank] = Cause::kL1Bank;
  causes[LoadTimeline::kLookup] = Cause::kL1Latency;
  for (std::size_t stage = 0; stage < kMemoryStages; ++stage)
    causes[LoadTimeline::kBelow + stage] = cause_of(static_cast<MemoryStage>(stage));
  return causes;
}();
constexpr std::array<Cause, 3> kLocalCauses{Cause::kLocalConflict, Cause::kLocalLatency,
                                            Cause::kLocalConflict};

}  // namespace

void LoadTimeline::charge(Cycles begin, Cycles end, std::uint64_t weight,
                          WaitCharges& waits) const {
  const std::span<const Cause> causes =
      local ? std::span<const Cause>(kLocalCauses) : std::span<const Cause>(kCacheCauses);
  Cause last = Cause::kL1Latency;
  Cycles from = begin, stretch_end = issued;
  for (std::size_t i = 0; i < causes.size() && from < end; ++i) {
    if (cycles[i] == 0) continue;
    stretch_end += Cycles(cycles[i]);
    last = causes[i];
    const Cycles to = std::min(end, stretch_end);
    if (to <= from) continue;
    waits[wait_index(last)] += ((to - from) * weight).count();
    from = to;
  }
  if (from < end) waits[wait_index(last)] += ((end - from) * weight).count();
}

}  // namespace isobar::timing
