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
    : chip_(chip), fidelity_(fidelity), threads_(threads), sampler_(chip) {
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
  result.stats.timed_groups = result.timed->timed_groups;
  result.stats.timed_capacity = result.timed->capacity;
  result.stats.timed_warp_instructions = result.timed->warp_instructions;
  result.stats.host_cpu_nanoseconds = process_cpu_nanoseconds() - before;
  result.fault = result.timed->fault;
  return result;
}

void Simulation::set_estimate(KernelStats& stats, const timing::Estimate& estimate) const {
  stats.cycles = estimate.totals;
  stats.margin = Picoseconds(static_cast<std::uint64_t>(
      std::llround(estimate.margin_cycles / chip_.clock.count() * kPicosecondsPerSecond)));
  set_time(stats);
}

SimulatedLaunch Simulation::run_sample(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                       Picoseconds now) {
  SimulatedLaunch result =
      run_timed(launch, memory, now, timing::representative_groups(chip_, launch.config));
  if (result.fault) {
    set_time(result.stats);
    return result;
  }
  const timing::Estimate whole = timing::whole_launch(chip_, *result.timed);
  sampler_.add_sample(whole, result.timed->warp_instructions);
  set_estimate(result.stats, whole);
  return result;
}

SimulatedLaunch Simulation::run_passed(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                       timing::Untimed& work) {
  const std::uint64_t before = process_cpu_nanoseconds();
  timing::UntimedLaunch passed =
      machine_->pass(*launch.program, launch.program_id, memory, launch.config);
  SimulatedLaunch result;
  result.stats.counters = passed.counters;
  result.stats.host_cpu_nanoseconds = process_cpu_nanoseconds() - before;
  result.fault = std::move(passed.fault);
  work = passed.work;
  return result;
}

SimulatedLaunch Simulation::run_sampled(const PreparedLaunch& launch, simt::GlobalMemory& memory,
                                        Picoseconds now) {
  if (sampler_.wants(shape_of(launch), launch.buffers)) return run_sample(launch, memory, now);
  std::optional<timing::Untimed> work;
  SimulatedLaunch result;
  if (sampler_.wants_pass()) {
    result = run_passed(launch, memory, work.emplace());
    sampler_.passed(*work);
  } else {
    result = run_functional(launch, memory);
    sampler_.skipped();
  }
  // A launch that is not timed is like one that was.
  const auto estimate =
      sampler_.estimate(result.stats.counters.total_warp_instructions(), work ? &*work : nullptr);
  if (!estimate) throw std::logic_error("no launch was timed that this one is like");
  set_estimate(result.stats, *estimate);
  return result;
}

}  // namespace isobar::device
