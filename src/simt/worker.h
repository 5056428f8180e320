// One host thread's share of a launch: it runs work-groups one after another, each to its end. Here
// is the order in which a warp's paths run.
//
// A warp's harts form paths: sets of harts at one pc and one depth of calls (call_depth.h). The
// deepest path runs, and among those the one with the lowest pc; paths that meet become one. (After
// Collange, "Simty: generalized SIMT execution on RISC-V", CARRV 2017, section 3, who takes the
// lowest stack pointer for the deepest call. A function that keeps nothing on the stack leaves the
// pointer as it was, and harts that return early from it would run on alone.) Because that order
// alone would let a spinning path starve the one it waits for, a path that has taken some hundreds
// of branches while others wait lets the one that has waited longest run ahead for as long, but not
// past an instruction that looks across lanes: what that gives depends on who has come.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "simt/call_depth.h"
#include "simt/launch.h"
#include "simt/machine.h"
#include "simt/memory/aligned_memory.h"
#include "simt/program.h"
#include "simt/trace/trace.h"

namespace isobar::simt {

class Worker {
 public:
  Worker(DecodedProgram& program, GlobalMemory& memory, const LaunchConfig& config,
         bool traced = false);

  /// Runs one work-group. A fault ends it.
  [[nodiscard]] std::optional<Fault> run_group(std::uint64_t linear_group);

  // The same in steps, for a reader of traces: set up, run rounds while they return true, end.
  /// `traces` of the group's warps are written by a worker of traced code; else empty.
  void start_group(std::uint64_t linear_group, std::span<WarpTrace> traces = {});
  /// Runs every warp until it waits, ends or has used its quantum up. False: all is done, or a
  /// fault was found.
  [[nodiscard]] bool run_round();
  void end_group();
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
  /// What all groups so far did.
  [[nodiscard]] Counters counters() const;

  // For the slow paths.
  void grow_calls(Warp& warp);
  [[nodiscard]] Region find(const Warp& warp, std::uint64_t address, std::uint64_t size) const;
  void record_access(const Warp& warp, std::uint32_t operation, unsigned lane,
                     std::uint64_t address);
  void record(const Warp& warp, std::uint32_t operation, unsigned lane, FaultKind kind,
              std::uint64_t address);

 private:
  struct Path {
    std::uint32_t at = 0;     // operation
    std::uint32_t depth = 0;  // calls it has not returned from
    LaneMask mask = 0;
    std::uint64_t last_run = 0;  // for the fairness guard
  };
  struct WarpState {
    Warp* warp = nullptr;
    std::vector<Path> ready;
    std::vector<Path> at_barrier;
    std::vector<std::uint32_t> calls;        // what Warp::calls points to
    std::array<std::uint64_t, 3> ids_for{};  // the local size that the warp's ids are for
    bool yield = false;                      // the fairness guard: run the path that waited longest
    std::uint64_t turns = 0;
    std::int64_t quantum = 0;   // branches and stops until limits are looked at and others run ...
    std::int64_t fairness = 0;  // ... and until another path of this warp does
  };

  void set_special(std::uint64_t linear_group);
  void start_warp(WarpState& state, std::uint32_t index, std::uint64_t harts);
  void reset(Warp& warp) const;
  void set_local_ids(Warp& warp) const;
  /// Runs a warp until it waits, ends, used its quantum up (true: it could go on) or faults.
  bool run_warp(WarpState& state);
  void record_cancelled();
  [[nodiscard]] bool reached_limit(const WarpState& state, LaneMask ran);
  void merge(std::vector<Path>& paths) const;
  /// The path to run, and whether it does so ahead of its turn.
  [[nodiscard]] std::pair<std::size_t, bool> choose(WarpState& state) const;
  void align_depths(const Warp& warp, std::vector<Path>& paths) const;
  void after_stop(WarpState& state, const Path& ran);
  void jump(WarpState& state, const Path& ran);
  void land(WarpState& state, const Path& ran, CallHint hint, std::uint32_t target, LaneMask lanes);
  [[nodiscard]] std::uint64_t stack_pointer(const Warp& warp, LaneMask mask) const;
  bool release_barrier();
  [[nodiscard]] bool left_barrier_waiting();

  DecodedProgram& program_;
  GlobalMemory& memory_;
  const LaunchConfig& config_;
  const Executor& executor_;
  unsigned width_;
  const Code& code_;
  void (*enter_)(const Operation*, Warp*);
  std::int64_t most_branches_;  // a quantum
  std::vector<Region> cached_;
  std::vector<Flow> flow_;
  AlignedBytes warps_memory_, private_memory_, local_memory_;
  std::size_t most_warps_ = 0;
  std::size_t private_bytes_ = 0;  // per hart
  WorkerState shared_;
  std::uint32_t entry_ = 0;  // operation
  std::vector<WarpState> warps_;
  std::size_t running_ = 0;  // of them, in this work-group
  std::span<WarpTrace> traces_;
  std::array<std::uint64_t, 3> group_{}, local_size_{};
  std::optional<Fault> fault_;
  Counters totals_;
};

}  // namespace isobar::simt
