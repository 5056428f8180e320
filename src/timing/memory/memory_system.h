// The memory that all cores share, in cycles of the chip's clock: interconnect, second-level cache
// slices, DRAM channels. A partition is one DRAM channel with the slices in front of it; partitions
// know nothing of each other, so they can be simulated by different host threads, in windows:
//
//   for (window = begin; ...; window += memory.window()):
//     every thread hands its cores and partitions what the window before has sent them
//     every core receives, simulates [window, window + W), sends
//     every partition simulates [window, window + W)
//
// W is the interconnect's latency: nothing sent in a window can arrive before the next one, on
// either side, so the result does not depend on how many threads there are. Windows may be shorter,
// and where nobody has anything to do they may be left out. A core may be in the next window as
// soon as all partitions are through with this one and it has its responses, and a partition as
// soon as all cores are.
//
// An idle memory answers a read that hits n bytes after exactly
//   2 * interconnect.latency + l2.latency + ceil(n / the narrower port) cycles.
#pragma once

#include <atomic>
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

  /// The calling thread, below what set_threads() said, and the number of the window it is in.
  struct Turn {
    unsigned thread = 0;
    std::uint64_t window = 0;
  };

  /// W: the most cycles that cores and partitions may run without each other; at least 1.
  [[nodiscard]] Cycles window() const;
  [[nodiscard]] std::uint32_t partitions() const;

  /// Says which host thread, of `threads`, each core and each partition belongs to. Others may
  /// simulate them too, but it hands them what was sent to them. Between two windows, the second of
  /// which has the number `window`; the number of threads may change while nothing is on its way.
  void set_threads(unsigned threads, std::span<const unsigned> of_core,
                   std::span<const unsigned> of_partition, std::uint64_t window);
  /// Hands a thread's partitions, or its cores, what was sent to them in the window before. Before
  /// these do anything in the window, and once.
  void distribute_requests(Turn turn);
  void distribute_responses(Turn turn);
  /// Does it for all, at the beginning of a window; later calls in the window do nothing.
  void distribute_all(std::uint64_t window);

  /// Takes from a core's outbox the requests that are sent before `until`, the end of its window,
  /// in an order that depends on nothing but (sent, position in the outbox). Gives the cycle at
  /// which something happens to them or to those that are left, or kNever.
  Cycles send(std::uint32_t core, std::vector<MemoryRequest>& outbox, Cycles until, Turn turn);
  /// Appends to a core's inbox what partitions sent it in the window before, ordered by (ready,
  /// partition). A response may be ready after this window's end, behind others at its core's port,
  /// but those of later windows are never ready before it.
  void receive(std::uint32_t core, std::vector<MemoryResponse>& inbox);
  /// Simulates one partition up to `until`. Gives the next cycle at which it, or a core that it has
  /// sent something in this window, has something to do, or kNever.
  Cycles run(std::uint32_t partition, Cycles until, Turn turn);
  /// Where to look whether run() should give up, or null: no state is good for anything then.
  void set_cancel(const std::atomic<bool>* cancel);

  static constexpr Cycles kNever{~std::uint64_t{0}};
  /// The earliest cycle at which a partition has something to do, or nothing: it is idle.
  [[nodiscard]] std::optional<Cycles> next_event(std::uint32_t partition) const;
  /// What happened since the construction. Contents and counts go on from one launch to the next;
  /// what stays dirty in the second-level cache has not been written to DRAM.
  [[nodiscard]] MemoryEvents events() const;
  /// The same of one partition: its DRAM channel and the slices in front of it.
  [[nodiscard]] MemoryEvents events(std::uint32_t partition) const;
  /// Does to the second-level cache what a request would that takes no time, and counts what it
  /// would have moved in `events` alone (rows of DRAM left out). Between two windows.
  void touch(const MemoryRequest& request, MemoryEvents& events);
  /// Empties the second-level cache without traffic, for a cold start. Nothing may be on its way.
  void invalidate();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace isobar::timing
