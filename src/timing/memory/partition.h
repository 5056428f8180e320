// One DRAM channel with the slices of the second-level cache in front of it. It processes what
// happens to it in the order of time, and at one time in a fixed order: fills, lookups by slice,
// DRAM commands. Nothing here is shared with other partitions, not even a cache line.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "timing/memory/clock_crossing.h"
#include "timing/memory/dram_channel.h"
#include "timing/memory/l2_slice.h"
#include "timing/memory/memory_system.h"

namespace isobar::timing {

/// A response whose head reaches its core's port at `arrival`.
struct Returning {
  Cycles arrival;
  std::uint64_t order = 0;  // among those of its partition
  PacketNumber packet = 0;
};

class alignas(64) Partition {
 public:
  Partition(const chip::Chip& chip, const AddressMap& map, const Interconnect& interconnect);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  /// A request whose head reaches its slice's port at packet.arrival. Before a run, requests may be
  /// delivered in any order; those of one core and one arrival keep theirs.
  void deliver(const Packet& packet);
  /// `cancel`: polled now and then where it is not null; true: it may return at once.
  void run(Cycles until, const std::atomic<bool>* cancel = nullptr);
  [[nodiscard]] std::optional<Cycles> next_event() const { return next_; }
  /// What left the slices before `until`; the caller takes it, and releases its packets.
  [[nodiscard]] std::vector<Returning>& outbox() { return outbox_; }
  [[nodiscard]] PacketPool& packets() { return packets_; }

  /// What a request that takes no time does to a slice, counted in `events` alone.
  void touch(const MemoryRequest& request, std::uint64_t channel_line, const SliceLine& place,
             MemoryEvents& events);
  [[nodiscard]] MemoryEvents events() const;
  void invalidate();

 private:
  struct Arriving {
    std::uint64_t key;    // arrival, then core
    std::uint64_t order;  // of delivery
    Cycles arrival;
    PacketNumber packet;
  };
  struct Fill {
    Cycles time;
    FillTimes times;
    std::uint32_t slice = 0, way = 0, sectors = 0;
  };
  /// Waits to leave its slice's port.
  struct Departing {
    Cycles time;
    std::uint64_t order = 0;
    PacketNumber packet = 0;
  };

  void admit(Cycles until);
  void run_events(Cycles until);
  /// Now and then, whether to give up.
  [[nodiscard]] bool cancelled();
  /// Until a cycle, or until something came of it that a slice must know before.
  void run_channel(Cycles until);
  void look_up(std::uint32_t slice);
  void fill();
  void collect();
  void depart(Cycles until);
  void plan_next();
  [[nodiscard]] std::uint32_t bursts_of(std::uint32_t sectors) const;

  const AddressMap& map_;
  const Interconnect& interconnect_;
  ClockCrossing clock_;
  Bytes sector_;
  DramChannel channel_;
  PacketPool packets_;
  std::vector<L2Slice> slices_;
  std::vector<Port> request_ports_, response_ports_;  // of each slice

  std::vector<Arriving> arriving_;  // from first_arriving_ on
  std::size_t first_arriving_ = 0;
  bool arriving_sorted_ = true;
  std::uint64_t deliveries_ = 0;
  Ring<Fill> fills_;
  std::vector<L2Transfer> transfers_;
  std::vector<L2Leaving> leaving_;
  std::vector<Departing> departing_;  // not yet offered to a port
  std::vector<Departing> passing_;    // with the port's time, beyond the last window
  std::uint64_t departures_ = 0;
  std::vector<Returning> outbox_;

  const std::atomic<bool>* cancel_ = nullptr;
  std::uint32_t looks_ = 0;
  bool gives_up_ = false;
  std::optional<Cycles> next_;
  Bytes network_;
};

}  // namespace isobar::timing
