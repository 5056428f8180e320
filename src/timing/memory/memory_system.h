// The memory that all cores share, in cycles of the chip's clock: interconnect, second-level cache
// slices, DRAM channels. A partition is one DRAM channel with the slices in front of it; partitions
// know nothing of each other, so they can be simulated by different host threads, in windows:
//
//   for (window = begin; ...; window += memory.window()):
//     every core simulates [window, window + W) and appends to its outbox     (in parallel)
//     every partition simulates [window, window + W) into its outbox          (in parallel)
//     memory.exchange(...)                                                    (one thread)
//
// W is the interconnect's latency: nothing sent in a window can arrive before the next one, on
// either side, so the result does not depend on how many threads there are. Windows may be shorter,
// and where nobody has anything to do they may be left out (next_event).
//
// An idle memory answers a read that hits n bytes after exactly
//   2 * interconnect.latency + l2.latency + ceil(n / the narrower port) cycles.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "chip/chip.h"
#include "timing/memory/memory_request.h"

namespace isobar::timing {

/// What happened, for the ledger and for energy.
struct MemoryEvents {
  std::uint64_t network_bytes = 0;  // both directions; a packet is its data, or a header
  std::uint64_t l2_reads = 0, l2_writes = 0, l2_atomics = 0;  // sectors
  std::uint64_t l2_hits = 0, l2_misses = 0;                   // sectors
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;
  std::uint64_t dram_activates = 0, dram_refreshes = 0;
  std::uint64_t dram_row_hits = 0, dram_row_misses = 0, dram_row_conflicts = 0;
  MemoryEvents& operator+=(const MemoryEvents& other);
  MemoryEvents& operator-=(const MemoryEvents& other);
};

class MemorySystem {
 public:
  explicit MemorySystem(const chip::Chip& chip);
  ~MemorySystem();
  MemorySystem(const MemorySystem&) = delete;
  MemorySystem& operator=(const MemorySystem&) = delete;

  /// W: the most cycles that cores and partitions may run without exchanging; at least 1.
  [[nodiscard]] Cycles window() const;
  [[nodiscard]] std::uint32_t partitions() const;

  /// Simulates one partition up to `until`. Different partitions may run at the same time. One
  /// whose next event is no earlier than `until` need not be run.
  void run(std::uint32_t partition, Cycles until);
  /// The earliest cycle at which a partition has something to do, or nothing: it is idle, and has
  /// no response that a core still waits for.
  [[nodiscard]] std::optional<Cycles> next_event(std::uint32_t partition) const;
  /// Partitions that have something to do, as of the last exchange: all others are idle.
  [[nodiscard]] std::span<const std::uint32_t> busy() const;

  /// Hands the requests of all cores to their partitions, in an order that depends on nothing but
  /// (sent, core, position in the outbox), and the partitions' responses to the cores' inboxes,
  /// ordered by (ready, partition). Outboxes are cleared; inboxes are appended to. `outboxes[i]`
  /// and `inboxes[i]` are core i's. A response may be ready after the next window's end, behind
  /// others at its core's port, but those of later exchanges are never ready before it.
  /// `senders`: the cores whose outboxes are looked at, in ascending order.
  void exchange(std::span<std::vector<MemoryRequest>> outboxes,
                std::span<std::vector<MemoryResponse>> inboxes,
                std::span<const std::uint32_t> senders);

  /// What happened since the construction. Contents and counts go on from one launch to the next;
  /// what stays dirty in the second-level cache has not been written to DRAM.
  [[nodiscard]] MemoryEvents events() const;
  /// The same of one partition: its DRAM channel and the slices in front of it.
  [[nodiscard]] MemoryEvents events(std::uint32_t partition) const;
  /// Empties the second-level cache without traffic, for a cold start. Nothing may be on its way.
  void invalidate();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace isobar::timing
