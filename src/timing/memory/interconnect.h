// The network between cores and slices: a port for requests and one for responses at every core and
// every slice, each with a bandwidth, and a crossing that takes the same time between any two of
// them. Packets queue at ports, in the order in which the caller offers them; the crossing itself
// is assumed to be wide enough. A packet cuts through: its head waits for ports, its tail only for
// the narrowest one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/units.h"
#include "chip/chip.h"
#include "timing/memory/memory_request.h"

namespace isobar::timing {

/// Time at which something becomes free, to the 256th part of a cycle, because a port may let
/// several small packets through per cycle.
class Ticks {
 public:
  static constexpr std::uint64_t kPerCycle = 256;
  constexpr Ticks() = default;
  explicit constexpr Ticks(std::uint64_t count) : count_(count) {}
  explicit constexpr Ticks(Cycles cycle) : count_(cycle.count() * kPerCycle) {}
  [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
  [[nodiscard]] constexpr Cycles cycle() const { return Cycles(count_ / kPerCycle); }
  [[nodiscard]] constexpr Cycles cycle_up() const {
    return Cycles((count_ + kPerCycle - 1) / kPerCycle);
  }
  friend constexpr auto operator<=>(Ticks, Ticks) = default;
  friend constexpr Ticks operator+(Ticks a, Ticks b) { return Ticks(a.count_ + b.count_); }

 private:
  std::uint64_t count_ = 0;
};

/// What is served one after another.
class Port {
 public:
  /// When a packet that is there at `arrival` begins to pass; it holds the port for `cost`.
  Ticks pass(Ticks arrival, Ticks cost) {
    const Ticks begin = std::max(arrival, free_);
    free_ = begin + cost;
    return begin;
  }

 private:
  Ticks free_;
};

/// Bytes of a packet: its data, or a header if it has none. The header of a packet with data
/// travels beside them.
inline constexpr Bytes kHeader{8};
/// A lane's operand, or the old value of memory, of an atomic operation.
inline constexpr Bytes kAtomicOperand{4};
[[nodiscard]] Bytes request_bytes(const MemoryRequest& request, Bytes sector);
[[nodiscard]] Bytes response_bytes(const MemoryRequest& request, Bytes sector);

class Interconnect {
 public:
  explicit Interconnect(const chip::Chip& chip);

  [[nodiscard]] Cycles latency() const { return latency_; }
  [[nodiscard]] Ticks core_cost(Bytes bytes) const { return cost(bytes, core_rate_); }
  [[nodiscard]] Ticks slice_cost(Bytes bytes) const { return cost(bytes, slice_rate_); }

  /// When the head of a packet of a core is at its slice's port.
  Cycles send(std::uint32_t core, Cycles sent, Bytes bytes) {
    return cores_[core].request.pass(Ticks(sent), core_cost(bytes)).cycle() + latency_;
  }
  /// When a core has all of a packet whose head is at its port at `arrival`.
  Cycles receive(std::uint32_t core, Cycles arrival, Bytes bytes) {
    const Ticks begin = cores_[core].response.pass(Ticks(arrival), core_cost(bytes));
    return (begin + slowest_cost(bytes)).cycle_up();
  }
  /// The same if the port is free.
  [[nodiscard]] Cycles soonest(Cycles arrival, Bytes bytes) const {
    return (Ticks(arrival) + slowest_cost(bytes)).cycle_up();
  }

 private:
  static Ticks cost(Bytes bytes, Bytes per_cycle) {
    return Ticks((bytes.count() * Ticks::kPerCycle + per_cycle.count() - 1) / per_cycle.count());
  }

  [[nodiscard]] Ticks slowest_cost(Bytes bytes) const {
    return std::max(core_cost(bytes), slice_cost(bytes));
  }

  /// A core's; cores may be simulated at the same time, so that each has a cache line.
  struct alignas(64) CorePorts {
    Port request, response;
  };

  Cycles latency_;
  Bytes core_rate_, slice_rate_;
  std::vector<CorePorts> cores_;
};

}  // namespace isobar::timing
