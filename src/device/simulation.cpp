#include "device/simulation.h"

#include <cmath>
#include <ctime>
#include <stdexcept>

namespace isobar::device {
namespace {

constexpr double kPicosecondsPerSecond = 1e12;

/// Processor time of the whole process: the timed machine's threads are its own affair.
std::uint64_t process_cpu_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

timing::LaunchShape shape_of(const PreparedLaunch& launch) {
  return {launch.program_id,        launch.config.entry,        launch.config.global_size,
          launch.config.local_size, launch.config.local_memory, launch.integers};
}

}  // namespace

Simulation::Simulation(const chip::Chip& chip, Fidelity fidelity, unsigned threads,
                       timing::ActivityListener* listener)
    : chip_(chip), fidelity_(fidelity), threads_(threads), sampler_(chip.l2.size) {
  if (fidelity == Fidelity::kFunctional) return;
  machine_ = std::make_unique<timing::Machine>(chip);
  machine_->set_listener(listener);
}

SimulatedLaunch Simulation::run(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                Picoseconds now) {
  switch (fidelity_) {
    case Fidelity::kFunctional: {
      SimulatedLaunch result = run_functional(launch, memory);
      result.stats.first_order = timing::estimate(chip_, result.stats.counters, launch.footprint);
      result.stats.time = result.stats.first_order.total;
      return result;
    }
    case Fidelity::kTimed: {
      SimulatedLaunch result = run_timed(launch, memory, now, {});
      set_time(result.stats);
      return result;
    }
    case Fidelity::kSampled:
      break;
  }
  return run_sampled(launch, memory, now);
}

void Simulation::set_time(KernelStats& stats) const {
  const double seconds = static_cast<double>(stats.cycles.cycles.count()) / chip_.clock.count();
  stats.time =
      Picoseconds(static_cast<std::uint64_t>(std::llround(seconds * kPicosecondsPerSecond)));
  stats.energy = timing::energy_of(chip_, stats.counters, stats.cycles, stats.time);
}

SimulatedLaunch Simulation::run_functional(const PreparedLaunch& launch,
                                           simt::GlobalMemory& memory) const {
  simt::LaunchResult ran = simt::launch(*launch.program, memory, launch.config, threads_);
  SimulatedLaunch result;
  result.stats.counters = ran.counters;
  result.stats.host_cpu_nanoseconds = ran.host_cpu_nanoseconds;
  result.fault = std::move(ran.fault);
  return result;
}

SimulatedLaunch Simulation::run_timed(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                      Picoseconds now,
                                      std::span<const simt::GroupRange> selection) {
  const std::uint64_t before = process_cpu_nanoseconds();
  const double cycles =
      static_cast<double>(now.count()) / kPicosecondsPerSecond * chip_.clock.count();
  machine_->skip_to(Cycles(static_cast<std::uint64_t>(cycles)));
  SimulatedLaunch result;
  result.timed = machine_->launch(*launch.program, launch.program_id, memory, launch.config,
                                  threads_, selection);
  result.stats.counters = result.timed->counters;
  result.stats.cycles = timing::totals_of(*result.timed);
  result.stats.timed_launches = 1;
  result.stats.timed_capacity = result.timed->capacity;
  result.stats.timed_warp_instructions = result.timed->warp_instructions;
  result.stats.host_cpu_nanoseconds = process_cpu_nanoseconds() - before;
  result.fault = result.timed->fault;
  return result;
}

void Simulation::run_others(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                            std::span<const simt::GroupRange> others,
                            SimulatedLaunch& result) const {
  PreparedLaunch rest = launch;
  for (const simt::GroupRange& range : others) {
    if (result.fault) return;
    rest.config.groups = range;
    SimulatedLaunch ran = run_functional(rest, memory);
    result.stats.counters += ran.stats.counters;
    result.stats.host_cpu_nanoseconds += ran.stats.host_cpu_nanoseconds;
    result.fault = std::move(ran.fault);
  }
  result.stats.counters.launches = 1;
}

SimulatedLaunch Simulation::run_sampled(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                        Picoseconds now) {
  if (sampler_.wants(shape_of(launch))) {
    const auto selection = timing::representative_groups(chip_, launch.config);
    SimulatedLaunch result = run_timed(launch, memory, now, selection);
    if (!selection.empty()) {
      const auto all = simt::count_groups(launch.config);
      run_others(launch, memory, timing::other_groups(selection, all), result);
      result.stats.cycles =
          timing::scaled(result.stats.cycles, result.stats.counters.total_warp_instructions());
    }
    if (!result.fault) sampler_.add_sample(result.stats.cycles);
    set_time(result.stats);
    return result;
  }
  SimulatedLaunch result = run_functional(launch, memory);
  // A launch that is not timed is like one that was.
  const auto estimate = sampler_.estimate(result.stats.counters.total_warp_instructions());
  if (!estimate) throw std::logic_error("no launch was timed that this one is like");
  result.stats.cycles = estimate->totals;
  result.stats.margin = Picoseconds(static_cast<std::uint64_t>(
      std::llround(estimate->margin_cycles / chip_.clock.count() * kPicosecondsPerSecond)));
  set_time(result.stats);
  return result;
}

}  // namespace isobar::device
