// A core's way to memory: the port of local memory, the first-level cache with its miss registers,
// and the queue of accesses that found none free. Accesses are looked up in the order of issue,
// each line when its bank is free; a miss leaves when its lookup is done, so all that it takes
// comes on top of a hit. While an access waits for a miss register, the unit accepts as many others
// as its queue holds.
//
// Left out: the two directions of the data array's port are one; a write-back cache that fills
// sectors allocates those that are stored without fetching the rest of them.
#pragma once

#include <vector>

#include "chip/chip.h"
#include "timing/core/load_store/coalescer.h"
#include "timing/core/load_store/local_memory_port.h"
#include "timing/core/load_store/miss_table.h"
#include "timing/core/load_timeline.h"
#include "timing/core/timed_program.h"
#include "timing/core/write_port.h"
#include "timing/memory/memory_request.h"
#include "timing/memory/ring.h"
#include "timing/tag_array.h"

namespace isobar::timing {

struct LoadStoreEvents {
  std::uint64_t l1_sector_hits = 0, l1_sector_misses = 0, l1_lines = 0;
  std::uint64_t l1_bytes = 0, local_bytes = 0, local_cycles = 0, local_accesses = 0;
  LoadStoreEvents& operator+=(const LoadStoreEvents& other);
};

class LoadStoreUnit {
 public:
  /// Told when an access that had to wait for memory is complete.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// `token` is what issue() was given.
    virtual void completed(std::uint32_t token, const LoadTimeline& timeline) = 0;
    /// A line of instructions has arrived; `address` is what fetch() was given.
    virtual void fetched(std::uint64_t address, Cycles cycle) = 0;
  };

  LoadStoreUnit(const chip::Chip& chip, std::uint32_t core, std::vector<MemoryRequest>& outbox,
                Listener& listener);

  struct Access {
    AccessKind kind = AccessKind::kLoad;
    bool local = false;
    bool returns = true;        // a load, or an atomic whose result is used
    std::uint32_t token = 0;    // whose completion to tell
    Cycles cycle;               // of issue
    Bytes bytes;                // of all active lanes
    WritePort* port = nullptr;  // that each answer to a load has to pass, or none
  };
  /// Whether it takes instructions at all; if so, from `free_at()` on.
  [[nodiscard]] bool blocked() const { return waiting_accesses_ > queue_; }
  [[nodiscard]] Cycles free_at() const {
    return queue_ == 0 ? free_at_ : starts_[accesses_ % queue_];
  }

  /// Local memory: the whole timeline is known at once.
  LoadTimeline issue_local(const Access& access, std::uint32_t bank_cycles, Cycles hold);
  /// Everything else. True: complete, `timeline` says how; false: the listener will be told.
  bool issue(const Access& access, std::span<const LineAccess> lines, Cycles hold,
             LoadTimeline& timeline);
  /// A line of instructions, past the first level. The listener is told.
  void fetch(std::uint64_t line, std::uint32_t sectors, Cycles cycle, std::uint64_t address);
  /// What came back; responses must be given in order of time.
  void respond(const MemoryResponse& response);

  /// Requests on the way.
  [[nodiscard]] std::size_t outstanding() const { return misses_.open_misses(); }
  /// Since the last forget_events().
  [[nodiscard]] const LoadStoreEvents& events() const { return events_; }
  void forget_events() { events_ = {}; }
  void invalidate();
  /// Leaves the first level as an access to a line would that takes no time, and appends what goes
  /// below. Counted in `events` alone.
  void touch(AccessKind kind, const LineAccess& line, std::vector<MemoryRequest>& below,
             LoadStoreEvents& events);

 private:
  struct Pending {  // an instruction that waits for lines
    Access access;
    std::uint32_t lines_left = 0;
    LoadTimeline timeline;
    Cycles waited_until;   // for a miss register
    Cycles start;          // after waiting in the queue
    bool counted = false;  // among the loads on their way
    bool waits = false;    // has lines in the queue of those without a register
  };
  using Miss = MissTable::Miss;  // or a store on the way
  struct Waiting {               // for a miss register
    std::uint32_t pending = 0;
    LineAccess line;
  };

  // Lookups are in load_store_lookup.cpp.

  /// Looks a line up at `not_before` or when its bank is free. False: nothing free for the miss.
  bool look_up(std::uint32_t pending, const LineAccess& line, Cycles not_before);
  bool load(std::uint32_t pending, const LineAccess& line, Cycles not_before);
  bool access_line(std::uint32_t pending, const LineAccess& line, Cycles not_before);
  bool store(std::uint32_t pending, const LineAccess& line, Cycles not_before);
  bool send_past(std::uint32_t pending, const LineAccess& line, Cycles not_before, RequestKind kind,
                 std::uint32_t& out, std::uint32_t most);
  /// When an access can begin that was issued at `cycle` and keeps the unit for `hold`.
  Cycles enter(Cycles cycle);
  [[nodiscard]] std::uint64_t bank_of(std::uint64_t line) const {
    return (line >> line_shift_) % banks_;
  }
  Cycles take_bank(std::uint64_t line, Cycles not_before, std::uint32_t sectors);
  void evict(const TagArray::Line& line, Cycles cycle);
  std::uint32_t new_pending(const Access& access);
  std::uint32_t send(const LineAccess& line, RequestKind kind, Cycles sent);
  /// One of the lines an access waits for is there; `journey` if it came from below.
  void finish_line(std::uint32_t pending, Cycles looked_up, Cycles ready, const Miss* miss,
                   const MemoryResponse* response);
  void release(std::uint32_t pending);
  void retry(Cycles cycle);

  const std::uint32_t core_;
  std::vector<MemoryRequest>& outbox_;
  Listener& listener_;
  const Cycles latency_;
  const std::uint32_t banks_, mshrs_, stores_;
  const Bytes bytes_per_cycle_;
  const unsigned line_shift_;
  const Bytes sector_bytes_;
  const bool write_back_, fill_line_;
  const std::uint32_t queue_, loads_;
  const Cycles round_cycles_;
  const std::uint32_t whole_line_;  // all its sectors
  TagArray tags_;
  std::vector<Cycles> bank_free_;
  LocalMemoryPort local_;
  Cycles free_at_;  // when the next access can begin
  Cycles last_lookup_;
  std::vector<Cycles> starts_;  // of the last `queue_` accesses
  std::uint64_t accesses_ = 0;
  std::uint32_t loads_out_ = 0, waiting_accesses_ = 0;
  // Of a cache that fills whole lines: registers held, by bank, and the fills on their way.
  std::vector<std::uint32_t> bank_held_, fills_;
  std::vector<Pending> pending_;
  std::vector<std::uint32_t> free_pending_;
  MissTable misses_;
  std::uint32_t reads_out_ = 0, stores_out_ = 0, fetches_out_ = 0;
  Ring<Waiting> waiting_;
  LoadStoreEvents events_;
};

}  // namespace isobar::timing
