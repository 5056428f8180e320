// Runs launches at the fidelity that was asked for: which of them the timed machine executes, which
// are executed functionally, and what their time is said to be. What they compute is the same.
#pragma once

#include <memory>
#include <optional>

#include "chip/chip.h"
#include "device/settings.h"
#include "device/views/kernel_stats.h"
#include "simt/launch.h"
#include "timing/machine.h"
#include "timing/sampled/sampling.h"

namespace isobar::device {

/// A launch, ready to run: its configuration, and what tells it from others.
struct PreparedLaunch {
  simt::Program* program = nullptr;
  std::uint32_t program_id = 0;
  simt::LaunchConfig config;
  std::vector<std::uint64_t> integers;     // its integer arguments
  Bytes footprint;                         // of all buffers given
  std::vector<timing::BufferUse> buffers;  // as arguments, in their order
};

struct SimulatedLaunch {
  KernelStats stats;  // but for host_nanoseconds
  std::optional<simt::Fault> fault;
  /// What the timed machine saw, where it ran the launch or a part of it.
  std::optional<timing::LaunchTimes> timed;
};

class Simulation {
 public:
  /// `listener`: who is told what timed launches do when, or null.
  Simulation(const chip::Chip& chip, Fidelity fidelity, unsigned threads,
             timing::ActivityListener* listener);
  /// `now`: when the launch begins, on the device's clock.
  [[nodiscard]] SimulatedLaunch run(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                    Picoseconds now);

 private:
  [[nodiscard]] SimulatedLaunch run_functional(const PreparedLaunch& launch,
                                               simt::GlobalMemory& memory) const;
  [[nodiscard]] SimulatedLaunch run_timed(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                          Picoseconds now,
                                          std::span<const simt::GroupRange> selection);
  [[nodiscard]] SimulatedLaunch run_sampled(const PreparedLaunch& launch,
                                            simt::GlobalMemory& memory, Picoseconds now);
  [[nodiscard]] SimulatedLaunch run_sample(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                           Picoseconds now);
  /// Functionally, and through the caches. What it did there goes to `work`.
  [[nodiscard]] SimulatedLaunch run_passed(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                           timing::Untimed& work);
  void set_estimate(KernelStats& stats, const timing::Estimate& estimate) const;
  /// From the cycles: time and energy.
  void set_time(KernelStats& stats) const;

  const chip::Chip& chip_;
  const Fidelity fidelity_;
  const unsigned threads_;
  std::unique_ptr<timing::Machine> machine_;  // not in functional fidelity
  timing::LaunchSampler sampler_;
};

}  // namespace isobar::device
