// One core, cycle by cycle: warp schedulers over a scoreboard, pipelines that are held for a while,
// an instruction cache, the load-store unit. It replays traces: what an instruction computes was
// settled when simt/ executed it; here it takes its time.
//
// Every cycle of every scheduler is charged to one cause. A cycle in which a warp issued is charged
// to the instruction, lane by lane. A stretch in which none issued is charged, once it is over, to
// what the warp that ended it had been waiting for: the last of the things that had to happen.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "chip/chip.h"
#include "simt/trace/group_tracer.h"
#include "timing/cause.h"
#include "timing/core/fetch/fetch_buffer.h"
#include "timing/core/fetch/instruction_fetch.h"
#include "timing/core/float_pipes.h"
#include "timing/core/load_store/load_store_unit.h"
#include "timing/core/residency.h"
#include "timing/core/scheduling.h"
#include "timing/core/scoreboard.h"
#include "timing/core/timed_program.h"
#include "timing/core/wake_wheel.h"

namespace isobar::timing {

/// A work-group on its way through a core: what its warps do.
struct GroupWork {
  std::uint64_t number = 0;
  std::vector<simt::WarpTrace> traces;
  std::unique_ptr<simt::GroupTracer> tracer;  // of a group that is not executed to its end yet
  std::uint32_t warps = 0;                    // that exist
  Bytes local_memory;

  // The core's own.
  std::uint32_t warps_left = 0, arrived = 0;
  std::vector<std::uint32_t> slots;  // by warp
};

/// Per instruction of the program, for reports by pc and line. What its warps were charged for is
/// here exactly: active lanes to the instruction's own kind of work, the other lanes of its issues
/// to divergence, and the lane-slots that schedulers waited, by cause: for this instruction to
/// issue, or (memory, dependency) for its result.
struct OperationTimes {
  Cause issued = Cause::kInteger;  // what its active lanes are charged to
  std::uint64_t issues = 0;
  std::uint64_t lanes = 0;  // active, over all issues
  WaitCharges waits{};
  OperationTimes& operator+=(const OperationTimes& other);
  void wait(Cause cause, std::uint64_t lane_slots) { waits[wait_index(cause)] += lane_slots; }
  [[nodiscard]] std::uint64_t waited() const;
  /// All of it by cause, on a chip with so many lanes.
  [[nodiscard]] CauseCharges charges(std::uint32_t lanes_of_warp) const;
};

/// From a warp's arrival on a core to its end, for timelines.
struct WarpLife {
  std::uint32_t slot = 0;
  std::uint64_t group = 0;
  std::uint64_t begin = 0, end = 0;
  bool ends_group = false;  // the last one of its work-group
};

/// What a launch is, for a core.
struct CoreLaunch {
  const TimedProgram* program = nullptr;
  std::uint64_t program_base = 0;  // added to program addresses: programs do not share lines
  std::uint64_t private_base = 0;  // of this core's stacks
  Cycles begin;
  const std::atomic<bool>* cancel = nullptr;  // polled; true: run() may return at once
};

class alignas(64) Core final : LoadStoreUnit::Listener {
 public:
  /// Requests go to `outbox`, responses come from `inbox` in order of time.
  Core(const chip::Chip& chip, std::uint32_t number, std::vector<MemoryRequest>& outbox,
       std::vector<MemoryResponse>& inbox);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void begin(const CoreLaunch& launch);
  /// Whether a group of so many warps, with so much local memory, has room at a cycle: nothing
  /// that ended after it, since place_arrivals(), has made any yet.
  [[nodiscard]] bool has_room(std::uint32_t warps, Bytes local_memory, Cycles cycle) const {
    return residency_.has_room(warps, local_memory, cycle);
  }
  /// The group's first instructions may issue at `cycle`, in the places that were free at `asked`.
  /// It is only noted down, so that whoever simulates the core takes it in.
  void take(std::unique_ptr<GroupWork> group, Cycles asked, Cycles cycle);
  struct Arrival {
    std::unique_ptr<GroupWork> group;
    Cycles asked, cycle;
  };
  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }
  /// Before run(): gives the groups that were taken their places.
  void place_arrivals();
  /// Simulates up to `until`; idle stretches cost nothing.
  void run(Cycles until);
  /// The first cycle in which something happens, or kNever.
  [[nodiscard]] Cycles next_event() const;
  /// Charges what is left of every scheduler's cycles up to `end`, where the launch ended.
  void finish(Cycles end);

  static constexpr Cycles kNever{~std::uint64_t{0}};
  /// Groups that ended since the last call, with their last cycle.
  struct Ended {
    std::unique_ptr<GroupWork> group;
    Cycles cycle;
  };
  std::vector<Ended>& ended() { return ended_; }
  [[nodiscard]] bool is_drained() const {
    return residency_.warps() == 0 && arrivals_.empty() && memory_.outstanding() == 0;
  }
  [[nodiscard]] Cycles last_cycle() const { return last_cycle_; }
  [[nodiscard]] const std::vector<std::unique_ptr<GroupWork>>& groups() const { return groups_; }

  /// Complete after finish().
  [[nodiscard]] const CauseCharges& charges() const { return charges_; }
  /// Of the operations that issued, by their numbers; nobody waits for what has not issued.
  [[nodiscard]] const std::vector<std::uint32_t>& issued_operations() const {
    return issued_operations_;
  }
  [[nodiscard]] const OperationTimes& operation_times(std::uint32_t operation) const {
    return times_[operation];
  }
  [[nodiscard]] const LoadStoreEvents& memory_events() const { return memory_.events(); }
  [[nodiscard]] std::uint64_t issued() const { return issued_; }
  /// Resident warps times cycles, for the mean occupancy.
  [[nodiscard]] std::uint64_t resident_warp_cycles() const { return residency_.warp_cycles(); }
  void invalidate_caches();
  /// Does to the data cache what a memory instruction of a warp at place `slot` would that takes no
  /// time: appends what goes below. Not to local memory. After begin().
  void touch(const TimedOperation& operation, const simt::TracedAccess& access, simt::LaneMask mask,
             std::uint32_t slot, std::vector<MemoryRequest>& below, LoadStoreEvents& events);
  /// Where to note the warps that end from now on; null: nowhere.
  void record_lives(std::vector<WarpLife>* lives) { lives_ = lives; }
  /// An operation that one of its warps would issue next, and the number of its work-group.
  struct Position {
    std::uint32_t operation = 0;
    std::uint64_t group = 0;
  };
  [[nodiscard]] std::optional<Position> position() const;
  /// Its warps, schedulers and queues in words, for the watchdog.
  [[nodiscard]] std::string describe(const simt::Program& program) const;

 private:
  /// kReady: when its next instruction may issue is known, and its scheduler sees to it. kBlocked:
  /// it is not, for want of a load or a fence.
  enum class State : std::uint8_t { kFree, kReady, kBlocked, kAtBarrier, kFetching };
  struct TimedWarp {
    State state = State::kFree;
    Cause wait_cause = Cause::kLaunch;
    std::uint8_t wait_register = kNoRegister;
    std::uint16_t generation = 0;
    std::uint32_t at = 0;       // operation to issue next
    std::uint32_t wait_on = 0;  // operation that is waited for
    std::uint32_t active = 0;   // lanes
    std::uint32_t stores_out = 0;
    std::uint32_t line = ~0U;  // of the instruction cache
    Cycles ready_at;
    Cycles may_issue;  // after its last instruction, a branch, a barrier, a fetch
    Cause may_cause = Cause::kLaunch;
    Cycles arrived;
    Cycles freed;  // when the last warp here ended
    simt::LaneMask mask = 0;
    simt::WarpTrace* trace = nullptr;
    GroupWork* group = nullptr;
    FetchBuffer fetches;  // where fetching is slow
    Scoreboard registers;
  };
  struct Scheduler {
    WakeWheel waiting;                             // warps whose next instruction may not issue yet
    std::array<std::uint64_t, kPipes> eligible{};  // those that may, by the pipe they need
    std::uint32_t wanted = 0;                      // pipes for which there are any
    std::array<Cycles, kPipes> pipe_free{};
    std::array<std::uint8_t, 64> pipe{};  // of each warp's next instruction
    std::uint64_t resident = 0;
    Cycles accounted;  // cycles before it are charged
    std::uint64_t inner_set = 0;
    unsigned last = 0;
    bool had_warps = false;
    std::array<std::uint64_t, 64> age{};
    FloatPipes floats;
    std::unique_ptr<WritePort> port;  // where results are written one per cycle
  };
  // core_groups.cpp
  void place(Arrival& arrival);
  void completed(std::uint32_t token, const LoadTimeline& timeline) override;
  void try_issue(std::uint32_t scheduler, Cycles now);
  void wake(Scheduler& s, Cycles now);
  void issue(std::uint32_t scheduler, unsigned index, Cycles now);
  /// The front end: when the warp's next instruction is there.
  void fetch_next(TimedWarp& warp, const TimedOperation& op, Cycles now);
  /// The front end begins again, at a cycle, with the warp's next instruction.
  void restart_fetch(TimedWarp& warp, Cycles cycle, Cause cause);
  /// When the result of an instruction that enters its pipe at `start` can be used.
  static Cycles result_of(Scheduler& s, const TimedOperation& op, Cycles start);
  void access_memory(std::uint32_t slot, const TimedOperation& op, Cycles now);
  void charge_gap(Scheduler& s, const TimedWarp& warp, std::uint32_t slot, Cycles now);
  void charge_wait(const TimedWarp& warp, std::uint32_t slot, Cycles begin, Cycles end);
  void charge_issue(const TimedWarp& warp);
  /// Moves a warp to its next instruction, barrier or end.
  void advance(std::uint32_t slot, Cycles now);
  void next_block(std::uint32_t slot, Cycles now);
  void arrive(std::uint32_t slot, Cycles now);
  void end_warp(std::uint32_t slot, Cycles now);
  /// False: the line is not here, the warp is waiting for it.
  bool fetch(std::uint32_t slot, Cycles now);
  void fetched(std::uint64_t address, Cycles now) override;
  /// Decides when a warp's next instruction may issue, or that it is blocked.
  void settle(std::uint32_t slot);
  void make_wait(std::uint32_t slot, Cycles ready);
  void kick(std::uint32_t scheduler, Cycles cycle);
  [[nodiscard]] Cycles pipe_free(const Scheduler& s, std::size_t pipe) const;
  [[nodiscard]] std::string describe_warp(std::uint32_t slot, const simt::Program& program) const;

  const std::uint32_t lanes_, scheduler_count_;
  const Cycles issue_gap_, branch_latency_, fetch_interval_;
  const std::uint32_t buffer_;
  const Policy policy_;
  const std::uint64_t private_bytes_;  // of one warp's stacks
  const std::uint64_t stack_bytes_;    // of one lane's, where stacks are contiguous
  CoreLaunch launch_;
  const TimedOperation* operations_ = nullptr;
  std::vector<TimedWarp> warps_;
  std::vector<std::array<LoadTimeline, 64>> timelines_;  // by warp and register
  std::vector<Scheduler> schedulers_;
  std::vector<Cycles> next_try_;
  std::vector<std::unique_ptr<GroupWork>> groups_;
  std::vector<Ended> ended_;
  std::vector<WarpLife>* lives_ = nullptr;
  Residency residency_;
  std::uint64_t placed_ = 0;  // warps so far
  std::vector<Arrival> arrivals_;
  LoadStoreUnit memory_;
  Coalescer coalescer_;
  InstructionFetch icache_;
  std::vector<MemoryResponse>& inbox_;
  std::size_t read_inbox_ = 0;
  CauseCharges charges_{};
  std::vector<OperationTimes> times_;  // by operation; may be longer than the program
  std::vector<std::uint32_t> issued_operations_;
  std::uint64_t issued_ = 0;
  Cycles last_cycle_;
  std::uint32_t local_banks_;
  bool local_broadcast_;
};

}  // namespace isobar::timing
