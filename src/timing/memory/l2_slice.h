// One slice of the second-level cache: sectored, set-associative, least recently used, write-back.
// A write allocates without fetching, since a request names whole sectors; an atomic needs its
// sectors first and is done here, one lane operation after another. Requests are looked up in
// order; the one at the head waits, and all behind it, when there is no miss register, no way to
// take or no room for what it would evict. Fetches of one line merge sector by sector.
// Left out: the data array's bandwidth for fills and evictions (a request pays for its sectors
// once), and limits on how many requests may wait for one line.
// A chip without a second level has slices of no size: registers for fetches, and nothing stays.
// There, what an atomic writes is left out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "chip/chip.h"
#include "timing/memory/interconnect.h"
#include "timing/memory/packet_pool.h"
#include "timing/memory/ring.h"

namespace isobar::timing {

struct L2Events {
  std::uint64_t reads = 0, writes = 0, atomics = 0;  // sectors
  std::uint64_t hits = 0, misses = 0;                // sectors
};

/// Cycles from the request to DRAM until the fill, by cause.
struct FillTimes {
  Cycles queue, row, transfer;
};

/// What the slice asks of its channel: one fetch, or one eviction.
struct L2Transfer {
  Cycles time;
  std::uint64_t channel_line = 0;
  std::uint32_t sectors = 0;
  std::uint32_t way = 0;  // of all the slice's, so that a fill finds its line
  bool write = false;
};

/// A request that is done, and when it leaves the slice.
struct L2Leaving {
  Cycles time;
  PacketNumber packet = 0;
};

/// Sectors that a request which takes no time brought in from DRAM, and drove out to it.
struct L2Touched {
  std::uint32_t fetched = 0, written = 0;
  std::uint64_t written_line = 0;
};

class L2Slice {
 public:
  /// `packets`: of the slice's partition.
  L2Slice(const chip::Chip& chip, PacketPool& packets);

  /// A packet that passes the slice's port from `begin` on.
  void enter(PacketNumber packet, Ticks begin);
  /// When the next lookup can happen; nothing if there is none, or it waits for wake().
  [[nodiscard]] std::optional<Cycles> next() const {
    if (queue_.empty() || waits_) return std::nullopt;
    return std::max(queue_.front().begin, free_).cycle();
  }
  /// Looks up the request at the head, at next(). `room` is how many evictions the channel takes.
  /// What follows is appended to the two lists.
  void look_up(std::uint32_t room, std::vector<L2Transfer>& transfers,
               std::vector<L2Leaving>& leaving);
  /// Sectors have come from DRAM; whoever waited for them last leaves.
  void fill(Cycles now, std::uint32_t way, std::uint32_t sectors, const FillTimes& times,
            std::vector<L2Leaving>& leaving);
  /// The channel has room again.
  void room_made(Cycles now) {
    if (waits_ && wait_.reason == MemoryStage::kDramQueue) wake(now);
  }
  [[nodiscard]] bool waits_for_room() const {
    return waits_ && wait_.reason == MemoryStage::kDramQueue;
  }
  [[nodiscard]] const L2Events& events() const { return events_; }
  /// Leaves the lines as a request would that takes no time and is not counted: work that is not
  /// timed. `slice_line` chooses the set.
  L2Touched touch(const MemoryRequest& request, std::uint64_t channel_line,
                  std::uint64_t slice_line);
  /// Forgets all lines; nothing may be on its way.
  void invalidate();

 private:
  static constexpr std::uint64_t kNoLine = ~std::uint64_t{0};
  static constexpr std::int32_t kNobody = -1;

  struct Queued {
    PacketNumber packet = 0;
    Ticks begin;
  };
  struct Way {
    std::uint32_t valid = 0, dirty = 0, pending = 0;  // bit per sector
    std::int32_t waiter = kNobody;                    // list through waiters_, oldest first
    std::uint64_t used = 0;
  };
  struct Waiter {
    PacketNumber packet = 0;
    std::uint32_t missing = 0;
    Cycles since;  // when it was through with its lookup
    std::int32_t next = kNobody;
  };
  /// A stretch in which the head of the queue could not go on.
  struct Wait {
    Cycles begin, end;
    MemoryStage reason{};
    std::array<std::uint64_t, 2> before{};  // cycles waited before it: for registers, for room
  };

  [[nodiscard]] std::uint32_t first_way(std::uint64_t slice_line) const;
  [[nodiscard]] std::uint32_t find(std::uint64_t line, std::uint32_t first) const;
  [[nodiscard]] std::uint32_t victim(std::uint32_t first) const;
  void wait(Cycles now, MemoryStage reason);
  void wake(Cycles now);
  [[nodiscard]] std::array<std::uint64_t, 2> waited_since(Cycles arrival);
  void charge_queue(Packet& packet, Cycles now);
  void pass_write(Ticks start, std::vector<L2Transfer>& transfers, std::vector<L2Leaving>& leaving);
  void serve(std::uint32_t way, std::uint32_t missing, Ticks start,
             std::vector<L2Transfer>& transfers, std::vector<L2Leaving>& leaving);
  void leave(PacketNumber number, Cycles ready, std::vector<L2Leaving>& leaving);
  void count(const MemoryRequest& request, std::uint32_t missing);

  PacketPool* packets_;
  std::uint32_t ways_;
  unsigned set_bits_;
  bool keeps_;  // has lines at all
  Cycles latency_;
  Ticks sector_cost_, operation_cost_;
  std::uint32_t mshrs_;

  Ring<Queued> queue_;
  Ticks free_;    // of the lookup pipeline
  Port atomics_;  // the unit that does lane operations
  bool waits_ = false;
  Wait wait_;
  Ring<Wait> waits_past_;
  std::array<std::uint64_t, 2> waited_{};

  std::vector<std::uint64_t> lines_;  // sets x ways; the channel's numbers
  std::vector<Way> state_;            // the same
  std::uint64_t clock_ = 0;           // of uses
  std::uint32_t fetches_ = 0;
  std::vector<Waiter> waiters_;
  std::int32_t free_waiter_ = kNobody;
  L2Events events_;
};

}  // namespace isobar::timing
