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
      : latency_(core.local_latency), bytes_per_cycle_(core.local_bytes_per_cycle.count()) {}

  struct Access {
    std::uint64_t issued = 0;         // cycle
    std::uint64_t start = 0;          // not before
    std::uint64_t bytes = 0;          // of all lanes
    std::uint32_t bank_cycles = 1;    // that its busiest bank takes
    WritePort* answers_to = nullptr;  // each of its answers takes a cycle there; or none
  };
  /// How long the port is taken for it.
  [[nodiscard]] std::uint64_t cycles_of(const Access& access) const;
  LoadTimeline take(const Access& access);
  /// The first cycle in which the port is free.
  [[nodiscard]] std::uint64_t free_at() const { return free_at_; }

 private:
  const std::uint32_t latency_;
  const std::uint64_t bytes_per_cycle_;
  std::uint64_t free_at_ = 0;
};

}  // namespace isobar::timing
