// Who is on a core: whether a work-group has room, and how many warps were there for how long.
// Work-groups are promised a place before the core that is simulated gets to see them, and what
// ends meanwhile frees its place only from the cycle on in which it ended.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/units.h"

namespace isobar::timing {

class Residency {
 public:
  struct Limits {
    std::uint32_t groups = 0, warps = 0;
    Bytes local_memory;
  };
  explicit Residency(const Limits& limits) : limits_(limits) {}

  /// Whether a group of so many warps, with so much local memory, has room at a cycle: nothing that
  /// ended after it, since settle_promises(), has made any yet.
  [[nodiscard]] bool has_room(std::uint32_t warps, Bytes local_memory, Cycles cycle) const;
  /// A group will come.
  void promise(std::uint32_t warps, Bytes local_memory);
  /// Those that were promised come now, one by one; what has ended before is free.
  void settle_promises();
  /// A group comes, at a cycle.
  void arrive(std::uint32_t warps, Bytes local_memory, Cycles cycle);
  /// A warp is gone from a cycle on, and the last one of a group with its local memory.
  void end_warp(Cycles cycle);
  void end_group(Bytes local_memory, Cycles cycle);

  /// Counts warps' cycles from here on.
  void begin(Cycles cycle);
  [[nodiscard]] std::uint32_t warps() const { return warps_; }
  [[nodiscard]] std::uint32_t groups() const { return groups_; }
  [[nodiscard]] Bytes local_memory() const { return local_memory_; }
  /// Warps times cycles up to the last arrival or end.
  [[nodiscard]] std::uint64_t warp_cycles() const { return warp_cycles_; }

 private:
  void count_to(Cycles cycle);

  Limits limits_;
  std::uint32_t groups_ = 0, warps_ = 0;
  Bytes local_memory_;
  std::uint32_t promised_groups_ = 0, promised_warps_ = 0;
  Bytes promised_local_memory_;
  // Since settle_promises(): when warps ended, and groups with their local memory.
  std::vector<Cycles> warp_ends_;
  std::vector<std::pair<Cycles, Bytes>> group_ends_;
  std::uint64_t warp_cycles_ = 0;
  Cycles counted_to_;
};

}  // namespace isobar::timing
