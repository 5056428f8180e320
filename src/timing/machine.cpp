#include "timing/machine.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "timing/core/timed_program.h"
#include "timing/dispatcher.h"
#include "timing/window_team.h"

namespace isobar::timing {
namespace {

constexpr unsigned kProgramShift = 44;  // address space per program, above all buffers
constexpr std::uint64_t kStacks = std::uint64_t{1} << 62;

}  // namespace

std::uint64_t LaunchTimes::charged() const {
  return std::accumulate(charges.begin(), charges.end(), std::uint64_t{0});
}

double LaunchTimes::ipc() const {
  return cycles().count() == 0
             ? 0
             : static_cast<double>(warp_instructions) / static_cast<double>(cycles().count());
}

struct Machine::Impl {
  explicit Impl(const chip::Chip& description)
      : chip(description),
        memory(chip),
        outboxes(chip.core.count),
        inboxes(chip.core.count),
        launch_latency(static_cast<std::uint64_t>(
            std::llround(chip.launch_latency.count() * chip.clock.count()))) {
    for (std::uint32_t c = 0; c < chip.core.count; ++c)
      cores.push_back(std::make_unique<Core>(chip, c, outboxes[c], inboxes[c]));
  }

  const TimedProgram& timed(simt::Program& program, std::uint32_t id);
  void begin_cores(const TimedProgram& program, std::uint32_t id);
  void run_windows(WindowTeam& team, Dispatcher& dispatcher);
  [[nodiscard]] std::uint64_t next_event() const;
  void collect(LaunchTimes& times, std::uint64_t cores_begin);

  chip::Chip chip;
  MemorySystem memory;
  std::vector<std::vector<MemoryRequest>> outboxes;
  std::vector<std::vector<MemoryResponse>> inboxes;
  std::vector<std::unique_ptr<Core>> cores;
  std::uint64_t launch_latency;
  std::uint64_t now = 0;
  std::map<std::uint32_t, std::unique_ptr<TimedProgram>> programs;
  std::vector<std::uint32_t> busy_cores, busy_partitions;
};

Machine::Machine(const chip::Chip& chip) : impl_(std::make_unique<Impl>(chip)) {}
Machine::~Machine() = default;

Cycles Machine::now() const { return Cycles(impl_->now); }
void Machine::skip_to(Cycles cycle) { impl_->now = std::max(impl_->now, cycle.count()); }

void Machine::invalidate_caches() {
  for (const auto& core : impl_->cores) core->invalidate_caches();
  impl_->memory.invalidate();
}

const TimedProgram& Machine::Impl::timed(simt::Program& program, std::uint32_t id) {
  std::unique_ptr<TimedProgram>& entry = programs[id];
  if (!entry) entry = std::make_unique<TimedProgram>(chip, program);
  return *entry;
}

void Machine::Impl::begin_cores(const TimedProgram& program, std::uint32_t id) {
  const std::uint64_t stacks = chip.core.private_memory.count() * chip.core.lanes * chip.core.warps;
  for (std::uint32_t c = 0; c < cores.size(); ++c) {
    cores[c]->begin(
        {&program, (std::uint64_t{id} + 1) << kProgramShift, kStacks + c * stacks, now});
  }
}

std::uint64_t Machine::Impl::next_event() const {
  std::uint64_t next = Core::kNever;
  for (const std::uint32_t c : busy_cores) next = std::min(next, cores[c]->next_event());
  for (std::uint32_t p = 0; p < memory.partitions(); ++p) {
    if (const auto event = memory.next_event(p)) next = std::min(next, event->count());
  }
  return next;
}

/// Window after window until nothing happens any more.
void Machine::Impl::run_windows(WindowTeam& team, Dispatcher& dispatcher) {
  const std::uint64_t length = memory.window().count();
  dispatcher.fill(cores, now);
  for (;;) {
    busy_cores.clear();
    for (std::uint32_t c = 0; c < cores.size(); ++c) {
      if (!cores[c]->is_drained() || !inboxes[c].empty()) busy_cores.push_back(c);
    }
    dispatcher.refill(cores, busy_cores, length);
    // Requests that a work-group's arrival has caused lie in the outboxes.
    memory.exchange(outboxes, inboxes);
    const std::uint64_t begin = std::max(now, next_event());
    if (begin == Core::kNever) return;
    const std::uint64_t end = begin + length;
    busy_partitions.clear();
    for (std::uint32_t p = 0; p < memory.partitions(); ++p) {
      const auto event = memory.next_event(p);
      if (event && event->count() < end) busy_partitions.push_back(p);
    }
    const auto busy = static_cast<std::uint32_t>(busy_cores.size());
    team.run(busy + static_cast<std::uint32_t>(busy_partitions.size()), [&](std::uint32_t i) {
      if (i < busy)
        cores[busy_cores[i]]->run(end);
      else
        memory.run(busy_partitions[i - busy], Cycles(end));
    });
    now = end;
    memory.exchange(outboxes, inboxes);
    dispatcher.replace_ended(cores, busy_cores, now);
    if (dispatcher.fault()) return;
  }
}

void Machine::Impl::collect(LaunchTimes& times, std::uint64_t cores_begin) {
  std::uint64_t end = cores_begin;
  for (const auto& core : cores) end = std::max(end, core->last_cycle() + 1);
  const std::uint64_t slots =
      std::uint64_t{chip.core.count} * chip.core.schedulers * chip.core.lanes;
  times.end = Cycles(end);
  times.capacity = (end - times.begin.count()) * slots;
  times.charges[static_cast<std::size_t>(Cause::kLaunch)] +=
      (cores_begin - times.begin.count()) * slots;
  for (const auto& core : cores) {
    core->finish(end);
    for (std::size_t i = 0; i < kCauses; ++i) times.charges[i] += core->charges()[i];
    for (const std::uint32_t each : core->issued_operations())
      times.operations[each] += core->operation_times(each);
    times.warp_instructions += core->issued();
    times.resident_warp_cycles += core->resident_warp_cycles();
    times.first_level += core->memory_events();
  }
}

LaunchTimes Machine::launch(simt::Program& program, std::uint32_t program_id,
                            simt::GlobalMemory& memory, const simt::LaunchConfig& config,
                            unsigned threads, std::span<const simt::GroupRange> selection) {
  Impl& m = *impl_;
  LaunchTimes times;
  times.begin = Cycles(m.now);
  m.now += m.launch_latency;
  const std::uint64_t cores_begin = m.now;
  const MemoryEvents before = m.memory.events();
  m.begin_cores(m.timed(program, program_id), program_id);
  Dispatcher dispatcher(m.chip, program, memory, config, selection);
  WindowTeam::with(threads, [&](WindowTeam& team) { m.run_windows(team, dispatcher); });
  times.fault = dispatcher.fault();
  times.counters = dispatcher.counters();
  if (times.fault) {  // what was under way is abandoned, with the state of a fresh chip
    times.end = Cycles(m.now);
    auto fresh = std::make_unique<Impl>(m.chip);
    fresh->now = m.now;
    impl_ = std::move(fresh);
    return times;
  }
  times.operations.resize(program.instructions().size());
  m.collect(times, cores_begin);
  m.now = times.end.count();
  times.memory = m.memory.events();
  times.memory -= before;
  return times;
}

}  // namespace isobar::timing
