#include "timing/core/load_store/local_memory_port.h"

#include <algorithm>

namespace isobar::timing {

Cycles LocalMemoryPort::cycles_of(const Access& access) const {
  const std::uint64_t width = (access.bytes + bytes_per_cycle_ - 1_B) / bytes_per_cycle_;
  return Cycles(std::max<std::uint64_t>(access.bank_cycles, width));
}

LoadTimeline LocalMemoryPort::take(const Access& access) {
  const Cycles begin = std::max(access.start, free_at_);
  free_at_ = begin + cycles_of(access);
  LoadTimeline timeline;
  timeline.issued = access.issued;
  timeline.ready = free_at_ - Cycles(1) + latency_;
  if (access.answers_to != nullptr) {
    for (std::uint64_t answer = 0; answer < access.bank_cycles; ++answer)
      timeline.ready =
          std::max(timeline.ready, access.answers_to->take(begin + Cycles(answer) + latency_));
  }
  timeline.local = true;
  Stretches stretches(timeline);
  stretches.until(LoadTimeline::kPort, begin);
  stretches.until(LoadTimeline::kLocal, begin + latency_);
  stretches.until(LoadTimeline::kConflict, timeline.ready);
  return timeline;
}

}  // namespace isobar::timing
