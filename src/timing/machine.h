// The timed machine: cores, the memory they share and the dispatcher of work-groups, in cycles of
// the chip's clock, driven by the execution that gives the numbers. Work-groups are executed by
// simt/ in the order in which they are dispatched, one after another, so a timed launch computes
// the bits of a functional one on one host thread; their traces are what the cores replay. Caches
// and the clock go on from launch to launch.
//
// Cores and memory partitions are simulated in windows of the interconnect's latency, on any number
// of host threads with the same result. Left out: preemption, launches that overlap.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "chip/chip.h"
#include "simt/trace/group_tracer.h"
#include "timing/cause.h"
#include "timing/core/core.h"
#include "timing/dispatcher.h"
#include "timing/memory/memory_system.h"
#include "timing/sampled/cache_warmer.h"

namespace isobar::timing {

/// Thrown by launch() when nothing goes on although the launch has not ended: a defect of the
/// machine's description or of Isobar, never of the guest program, whose barriers and locks were
/// settled when it was executed. The text says what every busy core and the memory are doing.
class StalledMachine : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a launch's time went. Capacity is cycles x cores x schedulers x lanes, in lane-slots; the
/// charges sum to it.
struct LaunchTimes {
  Cycles begin, end;  // the launch latency is part of it
  std::uint64_t capacity = 0;
  CauseCharges charges{};
  std::vector<OperationTimes> operations;
  std::uint64_t warp_instructions = 0;
  std::uint64_t resident_warp_cycles = 0;
  LoadStoreEvents first_level;
  MemoryEvents memory;
  simt::Counters counters;  // of all groups, timed or not
  /// Of a selection: how it got on, and what was executed in each gap between its ranges. Nothing
  /// else here counts that.
  std::vector<PaceMark> pace;
  std::vector<Untimed> gaps;
  std::uint64_t timed_groups = 0;
  std::optional<simt::Fault> fault;  // ends the launch where it was found

  [[nodiscard]] Cycles cycles() const { return end - begin; }
  [[nodiscard]] std::uint64_t charged() const;
  [[nodiscard]] std::int64_t unattributed() const {
    return static_cast<std::int64_t>(capacity - charged());
  }
  /// Warp instructions per cycle, of the whole chip.
  [[nodiscard]] double ipc() const;
};

/// A launch that was executed and not timed.
struct UntimedLaunch {
  Untimed work;
  simt::Counters counters;
  std::optional<simt::Fault> fault;
};

class ActivityListener;

class Machine {
 public:
  explicit Machine(const chip::Chip& chip);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// `program_id` tells programs apart that lie at the same addresses.
  /// With a `selection`, only those work-groups are timed, as if there were no others; groups
  /// before and between them are executed in their places, and leave the caches as they would.
  [[nodiscard]] LaunchTimes launch(simt::Program& program, std::uint32_t program_id,
                                   simt::GlobalMemory& memory, const simt::LaunchConfig& config,
                                   unsigned threads,
                                   std::span<const simt::GroupRange> selection = {});
  /// Executes a launch and leaves the caches as it would, in no time. On this thread.
  [[nodiscard]] UntimedLaunch pass(simt::Program& program, std::uint32_t program_id,
                                   simt::GlobalMemory& memory, const simt::LaunchConfig& config);
  [[nodiscard]] Cycles now() const;
  /// Lets time pass without a launch: copies, an idle queue.
  void skip_to(Cycles cycle);
  /// The watchdog's patience: so many windows in which something happens, but nothing issues.
  void set_patience(std::uint64_t windows);
  /// Host threads meet at most every so many windows; cycles do not depend on it.
  void set_most_windows(unsigned windows);
  /// Who is told what launches do when; null: nobody. It must outlive the machine's launches.
  void set_listener(ActivityListener* listener) { listener_ = listener; }
  /// Cold caches.
  void invalidate_caches();

 private:
  void start_afresh();

  struct Impl;
  std::unique_ptr<Impl> impl_;
  ActivityListener* listener_ = nullptr;
};

}  // namespace isobar::timing
