// The port of a core's local memory: one access after another, each for as long as its banks or its
// width take; the answer comes a latency later, and what comes is known at once.
#pragma once

#include <cstdint>

#include "chip/chip.h"
#include "timing/core/load_timeline.h"
#include "timing/core/write_port.h"

namespace isobar::timing {

class LocalMemoryPort {
 public:
  explicit LocalMemoryPort(const chip::CoreParameters& core)
      : latency_(core.local_latency), bytes_per_cycle_(core.local_bytes_per_cycle) {}

  struct Access {
    Cycles issued;
    Cycles start;                     // not before
    Bytes bytes;                      // of all lanes
    std::uint32_t bank_cycles = 1;    // that its busiest bank takes
    WritePort* answers_to = nullptr;  // each of its answers takes a cycle there; or none
  };
  /// How long the port is taken for it.
  [[nodiscard]] Cycles cycles_of(const Access& access) const;
  LoadTimeline take(const Access& access);
  /// The first cycle in which the port is free.
  [[nodiscard]] Cycles free_at() const { return free_at_; }

 private:
  const Cycles latency_;
  const Bytes bytes_per_cycle_;
  Cycles free_at_;
};

}  // namespace isobar::timing
