// One DRAM channel with its controller: banks and rows with the timings of a chip::DramPreset, a
// read and a write queue, first-ready first-come-first-served scheduling (Rixner et al., ISCA 2000)
// with a cap on how often a row hit may overtake, writes drained in batches between watermarks, and
// per-bank refresh that waits for quiet banks within the standard's tolerance. Time is in
// picoseconds; the work done is per command, never per clock.
// Left out: the command bus (each of these standards has room for the row commands of 32-byte
// bursts), the grid of the DRAM clock, ranks, power-down, all-bank refresh.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/units.h"
#include "chip/dram_presets.h"
#include "timing/memory/address_map.h"
#include "timing/memory/ring.h"

namespace isobar::timing {

struct DramRequest {
  Picoseconds arrival;  // not before that of the request pushed before it, reads or writes
  DramPlace place;
  std::uint32_t bursts = 1;
  bool write = false;
  // The caller's own; come back with a read's data. `sectors` also tells which part of a line a
  // write holds, should a read ask for it before it is written.
  std::uint32_t slice = 0, way = 0, sectors = 0;
};

/// A read's data. The three parts sum to ready - arrival.
struct DramData {
  Picoseconds arrival, ready;
  Picoseconds queue, row, transfer;
  std::uint32_t slice = 0, way = 0, sectors = 0;
};

struct DramEvents {
  std::uint64_t read_bursts = 0, write_bursts = 0;
  std::uint64_t activates = 0, refreshes = 0;
  std::uint64_t row_hits = 0, row_misses = 0, row_conflicts = 0;  // requests
};

/// A command of the channel, for tests that hold it against a standard.
struct DramCommand {
  enum class Kind : std::uint8_t { kNone, kRead, kWrite, kActivate, kPrecharge, kRefresh };
  Kind kind = Kind::kNone;  // none: a request entered the queue
  std::uint32_t bank = 0;
  Picoseconds time;
};

struct DramShape {
  std::uint32_t bank_groups = 1, banks = 1;  // banks in all; at most 64, groups divide them
  Picoseconds controller_latency;
  bool refresh = true;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order in which planning reads
class DramChannel {
 public:
  static constexpr std::uint32_t kQueue = 64;          // requests the scheduler sees, per direction
  static constexpr std::uint32_t kHighWatermark = 48;  // writes at which a drain begins
  static constexpr std::uint32_t kLowWatermark = 16;   // and ends, if reads wait
  static constexpr std::uint32_t kLeastDrain = 8;      // writes done before waiting reads end it
  static constexpr std::uint32_t kCap = 16;       // row hits that may overtake an older request
  static constexpr std::uint32_t kPostponed = 8;  // refreshes that may be owed

  DramChannel(const chip::DramTimings& timings, const DramShape& shape);

  void push(const DramRequest& request);
  /// When something happens next; Picoseconds max if nothing is left to do.
  [[nodiscard]] Picoseconds next() {
    if (!planned_) plan();
    return plan_.time;
  }
  /// Does it. Gives a read's data as soon as its last command is sent, that is before `ready`.
  std::optional<DramData> step();
  /// What the last step() sent. Of a refresh the bank is not said, and the time is when it was due:
  /// it may begin later.
  [[nodiscard]] DramCommand sent() const;

  /// Writes that have not been sent to the banks.
  [[nodiscard]] std::uint32_t waiting_writes() const {
    return count_[kWrite] + static_cast<std::uint32_t>(backlog_[kWrite].size());
  }
  [[nodiscard]] const DramEvents& events() const { return events_; }

 private:
  static constexpr unsigned kRead = 0, kWrite = 1;
  static constexpr std::uint32_t kMaxBanks = 64;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  static constexpr std::int16_t kNone = -1;
  enum class RowState : std::uint8_t { kHit, kMiss, kConflict };

  struct Entry {
    DramRequest request;
    std::uint64_t order = 0;
    std::uint64_t entered = 0, first = 0;  // picoseconds
    std::uint64_t busy_before = 0;         // busy_ when it entered
    std::uint32_t left = 0;                // bursts
    RowState row = RowState::kHit;
    std::int16_t next = kNone;  // in its bank, by age
  };
  /// First what planning looks at, for every bank and command.
  struct alignas(64) Bank {
    std::uint64_t next_activate = 0, next_precharge = 0;
    std::array<std::uint64_t, 2> next_column{};
    std::array<std::uint64_t, 2> head_order{}, hit_order{};  // of head and hit, where there are any
    std::uint64_t row = 0;                                   // the open one
    std::uint64_t last_use = 0;
    std::array<std::int16_t, 2> head{kNone, kNone}, tail{kNone, kNone};
    std::array<std::int16_t, 2> hit{kNone, kNone};  // oldest of the open row, unless capped
    std::uint32_t overtakes = 0;                    // since the row was opened
  };
  enum class Kind : std::uint8_t { kNothing, kEnter, kColumn, kPrecharge, kActivate, kRefresh };
  struct Plan {
    Kind kind = Kind::kNothing;
    Picoseconds time{kNever};
    std::uint32_t bank = 0;
    unsigned direction = 0;
  };

  void plan();
  void choose_direction();
  void plan_column(Plan& best) const;
  void plan_row(unsigned direction, std::uint64_t banks, Plan& best) const;
  [[nodiscard]] std::uint64_t earliest_activate(std::uint32_t bank) const;

  std::optional<DramData> enter(unsigned direction, std::uint64_t now);
  std::optional<DramData> forward(const DramRequest& read, std::uint64_t now) const;
  std::optional<DramData> column(std::uint32_t bank, unsigned direction, std::uint64_t now);
  void constrain_after_column(std::uint32_t bank, unsigned direction, std::uint64_t now);
  [[nodiscard]] DramData finished(const Entry& entry, std::uint64_t last) const;
  void remove(std::uint32_t bank, unsigned direction, std::int16_t index);
  void find_hit(std::uint32_t bank, unsigned direction);
  void precharge(std::uint32_t bank, unsigned direction, std::uint64_t now);
  void activate(std::uint32_t bank, unsigned direction, std::uint64_t now);
  void close(std::uint32_t bank);

  void refresh_tick(std::uint64_t now);
  [[nodiscard]] std::optional<std::uint32_t> choose_refresh() const;
  void refresh(std::uint32_t bank, std::uint64_t now);
  void catch_up_refresh(std::uint64_t now);

  [[nodiscard]] std::uint32_t group_of(std::uint32_t bank) const { return bank & group_mask_; }
  [[nodiscard]] bool is_open(std::uint32_t bank) const { return (open_ >> bank & 1U) != 0; }

  chip::DramTimings t_;
  DramShape shape_;
  std::uint32_t group_mask_;

  std::array<Ring<DramRequest>, 2> backlog_;
  std::vector<Entry> entries_;
  std::vector<std::int16_t> free_;
  std::array<std::uint32_t, 2> count_{};
  std::array<Bank, kMaxBanks> banks_{};
  std::array<std::uint64_t, 2> waiting_{}, hits_{};  // bit per bank
  std::uint64_t open_ = 0;                           // banks with an open row
  std::uint64_t next_order_ = 0;

  unsigned direction_ = kRead;
  std::uint32_t drained_ = 0;  // writes since the drain began
  std::array<std::uint64_t, 2> next_column_{};
  std::array<std::array<std::uint64_t, kMaxBanks>, 2> next_group_column_{};
  std::array<std::uint64_t, kMaxBanks> next_group_activate_{};
  std::uint64_t next_activate_ = 0;
  std::array<std::uint64_t, 4> activates_{};  // the last four, for tFAW; + faw, so 0 is free
  std::uint32_t oldest_activate_ = 0;
  std::uint64_t busy_ = 0;  // of the data bus, by all bursts sent
  std::uint64_t now_ = 0;

  std::uint64_t refresh_interval_, refresh_due_;
  std::uint32_t refresh_owed_ = 0;
  std::uint64_t refreshed_ = 0;                     // banks, in this round
  std::uint64_t quiet_from_ = 0, quiet_until_ = 0;  // tRREFD: no activates

  Plan plan_;
  bool planned_ = false;
  DramEvents events_;
};

}  // namespace isobar::timing
