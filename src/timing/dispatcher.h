// The chip's dispatcher of work-groups: which group goes to which core, and when. It hands groups
// out in order, one every so many cycles; the first ones go round the cores until those are full,
// each later one to the core where another ended. Handing a group out is when simt/ executes it, or
// before: one group is executed ahead, beside the windows, by a host thread that can be spared.
// Groups are executed in the same order either way.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "chip/chip.h"
#include "simt/trace/group_tracer.h"
#include "timing/core/core.h"
#include "timing/sampled/cache_warmer.h"
#include "timing/window_team.h"

namespace isobar::timing {

/// Taken when the groups handed out have filled the chip once more.
struct PaceMark {
  std::uint64_t cycle = 0;
  std::uint64_t warp_instructions = 0;  // of the groups before this one
  std::uint64_t dram_bytes = 0;         // moved so far
};

class Dispatcher {
 public:
  /// Hands out the groups of `selection`, range after range; all of them if it is empty. Groups
  /// between two ranges go to `warmer` as soon as those before them are handed out.
  Dispatcher(const chip::Chip& chip, simt::Program& program, simt::GlobalMemory& memory,
             const simt::LaunchConfig& config, std::span<const simt::GroupRange> selection,
             CacheWarmer& warmer);

  using Cores = std::span<const std::unique_ptr<Core>>;
  /// Fills the cores, round after round, from `cycle` on. Gives the cycle in which the first group
  /// arrives, or Core::kNever.
  std::uint64_t fill(Cores cores, std::uint64_t cycle);
  /// Hands out a group for each that ended, in the order of their ends. Nothing arrives before
  /// `not_before`: cores have been simulated so far. Gives the same.
  std::uint64_t replace_ended(Cores cores, std::span<const std::uint32_t> busy,
                              std::uint64_t not_before);
  /// Executes long-running groups further, until each warp's trace has at least enough for so many
  /// cycles.
  void refill(Cores cores, std::span<const std::uint32_t> busy, std::uint64_t cycles);
  /// Has the team begin to execute the next group, if all before it are executed to their ends.
  /// Until it is handed out, no other is executed. Not for groups that take no time worth it.
  void execute_ahead(WindowTeam& team);

  /// Ends the launch with a fault that says what one of the cores would have done next.
  void end_at_time_limit(Cores cores);
  [[nodiscard]] const std::optional<simt::Fault>& fault() const { return fault_; }
  [[nodiscard]] simt::Counters counters() const;
  /// For a selection: a mark for each time that the chip was filled, the first one left out.
  [[nodiscard]] const std::vector<PaceMark>& pace() const { return pace_; }
  /// Where marks read what DRAM moved.
  void watch(const MemorySystem& memory) { watched_ = &memory; }

 private:
  struct End {
    std::uint64_t cycle = 0;
    std::uint32_t core = 0;
  };
  void refill(GroupWork& group, std::uint64_t cycles);
  void give_back(GroupWork& group);
  bool hand_out(Core& core, std::uint64_t asked, std::uint64_t not_before);
  [[nodiscard]] bool pass_gap();
  void mark_pace(std::uint64_t cycle);
  std::unique_ptr<GroupWork> execute_next();
  std::unique_ptr<GroupWork> begin_next();
  std::unique_ptr<GroupWork> finish_ahead();
  void advance(GroupWork& group, std::size_t words);
  void end_execution(GroupWork& group);
  std::unique_ptr<simt::GroupTracer> take_tracer();

  const std::uint64_t latency_, interval_;
  simt::Program& program_;
  simt::GlobalMemory& memory_;
  const simt::LaunchConfig config_;
  std::vector<simt::GroupRange> left_;  // to be handed out, last range first
  const std::uint32_t warps_per_group_;
  CacheWarmer& warmer_;
  const std::uint64_t mark_every_;  // groups; 0: never
  std::uint64_t next_group_ = 0;    // behind the last that was begun
  std::uint64_t handed_out_ = 0;
  std::vector<PaceMark> pace_;
  const MemorySystem* watched_ = nullptr;
  std::uint64_t free_at_ = 0;  // the dispatcher itself
  std::uint64_t first_arrival_ = 0;
  std::uint64_t unfinished_ = 0;  // groups that are not executed to their end yet
  std::size_t words_before_ = 0;  // of the trace of the group that was handed out last
  std::vector<std::unique_ptr<simt::GroupTracer>> idle_tracers_;
  std::vector<std::unique_ptr<GroupWork>> idle_groups_;  // kept for their memory
  struct Ahead {
    WindowTeam* team = nullptr;
    std::unique_ptr<GroupWork> group;
    bool ended = false;
    std::exception_ptr error;
  } ahead_;
  std::vector<End> ends_;
  simt::Counters counters_;
  std::optional<simt::Fault> fault_;
};

}  // namespace isobar::timing
