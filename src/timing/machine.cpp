#include "timing/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>

#include "timing/activity.h"
#include "timing/core/timed_program.h"
#include "timing/dispatcher.h"
#include "timing/window_team.h"
#include "timing/work_split.h"

namespace isobar::timing {
namespace {

constexpr unsigned kProgramShift = 44;  // address space per program, above all buffers
constexpr std::uint64_t kStacks = std::uint64_t{1} << 62;
// Nothing that the chip file can describe keeps all warps waiting through so many windows with
// events in them: idle stretches are no windows.
constexpr std::uint64_t kPatience = 1 << 20;
constexpr std::size_t kCoresShown = 4;

/// A core's queues to and from the memory; a cache line of its own, as threads write them.
struct alignas(64) CoreQueues {
  std::vector<MemoryRequest> outbox;
  std::vector<MemoryResponse> inbox;
};

/// What came of a window, as far as one host thread simulated it.
struct alignas(64) WindowOutcome {
  std::uint64_t next = Core::kNever.count();  // the first cycle in which something happens
  bool groups_ended = false;
  bool cores_drained = false;
};

}  // namespace

std::uint64_t LaunchTimes::charged() const {
  return std::accumulate(charges.begin(), charges.end(), std::uint64_t{0});
}

double LaunchTimes::ipc() const {
  return cycles().count() == 0
             ? 0
             : static_cast<double>(warp_instructions) / static_cast<double>(cycles().count());
}

struct Machine::Impl final : WindowWork {
  explicit Impl(const chip::Chip& description)
      : chip(description),
        memory(chip),
        queues(chip.core.count),
        launch_latency(static_cast<std::uint64_t>(
            std::llround(chip.launch_latency.count() * chip.clock.count()))) {
    for (std::uint32_t c = 0; c < chip.core.count; ++c)
      cores.push_back(std::make_unique<Core>(chip, c, queues[c].outbox, queues[c].inbox));
    plan_stretches(WindowTeam::kMostWindows);
  }
  void plan_stretches(unsigned most);
  [[nodiscard]] bool cancelled() const {
    return cancel != nullptr && cancel->load(std::memory_order_relaxed);
  }

  const TimedProgram& timed(simt::Program& program, std::uint32_t id);
  void begin_cores(const TimedProgram& program, std::uint32_t id);
  void run_windows(WindowTeam& team, Dispatcher& dispatcher);
  void distribute(Side side, unsigned owner, unsigned window) override;
  void simulate(Side side, std::uint32_t number, WindowTurn turn) override;
  void simulate_core(std::uint32_t number, WindowTurn turn, WindowOutcome& outcome);
  /// Whether the windows go on without an issue. Idle: no event is left at all.
  [[nodiscard]] bool is_stalled(bool idle);
  [[nodiscard]] std::string describe(const simt::Program& program) const;
  void collect(LaunchTimes& times, std::uint64_t cores_begin);

  chip::Chip chip;
  MemorySystem memory;
  std::vector<CoreQueues> queues;
  std::vector<std::unique_ptr<Core>> cores;
  std::uint64_t launch_latency;
  std::uint64_t now = 0;
  std::map<std::uint32_t, std::unique_ptr<TimedProgram>> programs;
  std::vector<std::uint32_t> busy_cores;
  // The stretch of windows under way.
  struct Stretch {
    std::uint64_t begin = 0;   // cycle
    std::uint64_t length = 1;  // of a window
    unsigned windows = 1;
    std::uint64_t number = 1;  // of its first window, since the construction
    [[nodiscard]] std::uint64_t end() const { return begin + windows * length; }
  } stretch;
  unsigned most_windows = 1;
  std::vector<WindowOutcome> outcomes;  // of its last window, by thread
  // The watchdog: windows since a core issued, and what it had issued.
  std::uint64_t patience = kPatience, quiet_windows = 0, issued_before = 0;
  bool stalled = false;
  // Of the launch under way.
  const TimedProgram* running = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  std::optional<ActivitySampler> activity;
};

Machine::Machine(const chip::Chip& chip) : impl_(std::make_unique<Impl>(chip)) {}
Machine::~Machine() = default;

Cycles Machine::now() const { return Cycles(impl_->now); }
void Machine::skip_to(Cycles cycle) { impl_->now = std::max(impl_->now, cycle.count()); }

void Machine::set_patience(std::uint64_t windows) { impl_->patience = windows; }

void Machine::set_most_windows(unsigned windows) { impl_->plan_stretches(windows); }

void Machine::invalidate_caches() {
  for (const auto& core : impl_->cores) core->invalidate_caches();
  impl_->memory.invalidate();
}

/// A window is as long as the interconnect's latency; a stretch of them ends when the first
/// work-group could arrive that replaces one that ended in it.
void Machine::Impl::plan_stretches(unsigned most) {
  most_windows = most;
  const std::uint64_t latency = memory.window().count(), dispatch = chip.core.dispatch_latency;
  stretch.windows = static_cast<unsigned>(
      std::clamp<std::uint64_t>((dispatch + latency - 1) / latency, 1, WindowTeam::kMostWindows));
  stretch.length = std::clamp<std::uint64_t>(dispatch / stretch.windows, 1, latency);
  if (stretch.windows == 1) stretch.length = latency;
  stretch.windows = std::min(stretch.windows, most);
}

const TimedProgram& Machine::Impl::timed(simt::Program& program, std::uint32_t id) {
  std::unique_ptr<TimedProgram>& entry = programs[id];
  if (!entry) entry = std::make_unique<TimedProgram>(chip, program);
  return *entry;
}

void Machine::Impl::begin_cores(const TimedProgram& program, std::uint32_t id) {
  const std::uint64_t stacks = chip.core.private_memory.count() * chip.core.lanes * chip.core.warps;
  for (std::uint32_t c = 0; c < cores.size(); ++c) {
    cores[c]->begin({&program, (std::uint64_t{id} + 1) << kProgramShift, kStacks + c * stacks,
                     Cycles(now), cancel});
  }
}

void Machine::Impl::distribute(Side side, unsigned owner, unsigned window) {
  const MemorySystem::Turn turn{owner, stretch.number + window - 1};
  if (side == Side::kCores)
    memory.distribute_responses(turn);
  else
    memory.distribute_requests(turn);
}

void Machine::Impl::simulate(Side side, std::uint32_t number, WindowTurn turn) {
  if (cancelled()) return;
  WindowOutcome& outcome = outcomes[turn.thread];
  if (side == Side::kCores) return simulate_core(number, turn, outcome);
  const Cycles end(stretch.begin + turn.window * stretch.length);
  const Cycles next = memory.run(number, end, {turn.thread, stretch.number + turn.window - 1});
  if (turn.window == stretch.windows) outcome.next = std::min(outcome.next, next.count());
}

void Machine::Impl::simulate_core(std::uint32_t number, WindowTurn turn, WindowOutcome& outcome) {
  Core& core = *cores[number];
  CoreQueues& queue = queues[number];
  const MemorySystem::Turn at{turn.thread, stretch.number + turn.window - 1};
  const Cycles end(stretch.begin + turn.window * stretch.length);
  if (turn.window == 1) core.place_arrivals();
  memory.receive(number, queue.inbox);
  core.run(end);
  const std::uint64_t sent = memory.send(number, queue.outbox, end, at).count();
  if (turn.window != stretch.windows) return;
  outcome.next = std::min({outcome.next, core.next_event().count(), sent});
  outcome.groups_ended |= !core.ended().empty();
  outcome.cores_drained |= core.is_drained();
}

/// Window after window until nothing happens any more. Cores that have nothing to do are not looked
/// at: only a core where a work-group ended is given another.
void Machine::Impl::run_windows(WindowTeam& team, Dispatcher& dispatcher) {
  WorkSplit split(static_cast<std::uint32_t>(cores.size()), memory, team, stretch.number);
  outcomes.resize(team.threads());
  std::uint64_t next = dispatcher.fill(cores, now);
  busy_cores.resize(cores.size());
  std::iota(busy_cores.begin(), busy_cores.end(), 0U);
  std::erase_if(busy_cores, [&](std::uint32_t c) { return cores[c]->is_drained(); });
  for (;;) {
    dispatcher.refill(cores, busy_cores, stretch.windows * stretch.length);
    if (team.threads() > 1) dispatcher.execute_ahead(team);
    stalled = is_stalled(next == Core::kNever.count());
    if (stalled || next == Core::kNever.count()) return;
    stretch.begin = std::max(now, next);
    split.assign(busy_cores, stretch.number);
    std::ranges::fill(outcomes, WindowOutcome{});
    team.run(stretch.windows, *this);
    stretch.number += stretch.windows;
    now = stretch.end();
    if (cancelled()) return dispatcher.end_at_time_limit(cores);
    WindowOutcome all;
    for (const WindowOutcome& one : outcomes) {
      all.next = std::min(all.next, one.next);
      all.groups_ended |= one.groups_ended;
      all.cores_drained |= one.cores_drained;
    }
    next = all.next;
    if (all.groups_ended) next = std::min(next, dispatcher.replace_ended(cores, busy_cores, now));
    if (all.cores_drained)
      std::erase_if(busy_cores, [&](std::uint32_t c) { return cores[c]->is_drained(); });
    if (activity) activity->look(*running, now);
    if (dispatcher.fault()) return;
  }
}

bool Machine::Impl::is_stalled(bool idle) {
  if (idle) return !busy_cores.empty();
  quiet_windows += stretch.windows;
  if (quiet_windows < patience) return false;
  // Looked at once in so many windows; what ended since then has issued, too.
  std::uint64_t issued = 0;
  for (const auto& core : cores) issued += core->issued();
  const bool quiet = issued == issued_before;
  issued_before = issued;
  quiet_windows = 0;
  return quiet;
}

std::string Machine::Impl::describe(const simt::Program& program) const {
  std::string text = fmt::format(
      "the timed machine is stuck in cycle {}: {} of {} cores have work, and none of it goes on\n",
      now, busy_cores.size(), cores.size());
  for (std::size_t i = 0; i < busy_cores.size(); ++i) {
    if (i == kCoresShown) {
      text += fmt::format("  and {} more cores\n", busy_cores.size() - i);
      break;
    }
    text += fmt::format("  core {}:\n{}", busy_cores[i], cores[busy_cores[i]]->describe(program));
  }
  for (std::uint32_t p = 0; p < memory.partitions(); ++p)
    if (const auto event = memory.next_event(p))
      text +=
          fmt::format("  memory partition {}: something to do in cycle {}\n", p, event->count());
  return text;
}

void Machine::Impl::collect(LaunchTimes& times, std::uint64_t cores_begin) {
  std::uint64_t end = cores_begin;
  for (const auto& core : cores) end = std::max(end, core->last_cycle().count() + 1);
  const std::uint64_t slots =
      std::uint64_t{chip.core.count} * chip.core.schedulers * chip.core.lanes;
  times.end = Cycles(end);
  times.capacity = (end - times.begin.count()) * slots;
  times.charges[static_cast<std::size_t>(Cause::kLaunch)] +=
      (cores_begin - times.begin.count()) * slots;
  for (const auto& core : cores) {
    core->finish(times.end);
    for (std::size_t i = 0; i < kCauses; ++i) times.charges[i] += core->charges()[i];
    for (const std::uint32_t each : core->issued_operations())
      times.operations[each] += core->operation_times(each);
    times.warp_instructions += core->issued();
    times.resident_warp_cycles += core->resident_warp_cycles();
    times.first_level += core->memory_events();
  }
}

/// What was under way is abandoned, with the state of a fresh chip.
void Machine::start_afresh() {
  auto fresh = std::make_unique<Impl>(impl_->chip);
  fresh->now = impl_->now;
  fresh->patience = impl_->patience;
  fresh->plan_stretches(impl_->most_windows);
  impl_ = std::move(fresh);
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
  m.running = &m.timed(program, program_id);
  m.cancel = config.cancel;
  m.memory.set_cancel(m.cancel);
  m.begin_cores(*m.running, program_id);
  if (listener_ != nullptr) m.activity.emplace(m.chip, *listener_, m.cores, m.memory, m.now);
  m.quiet_windows = m.issued_before = 0;
  CacheWarmer warmer(m.chip, m.cores, m.memory, {*m.running, program, memory, config});
  Dispatcher dispatcher(m.chip, program, memory, config, selection, warmer);
  dispatcher.watch(m.memory);
  WindowTeam::with(threads, {static_cast<std::uint32_t>(m.cores.size()), m.memory.partitions()},
                   [&](WindowTeam& team) { m.run_windows(team, dispatcher); });
  times.fault = dispatcher.fault();
  times.counters = dispatcher.counters();
  times.timed_groups = times.counters.work_groups;
  times.counters += warmer.counters();
  times.pace = dispatcher.pace();
  times.gaps = warmer.passes();
  if (m.stalled) {
    m.memory.distribute_all(m.stretch.number);
    const std::string state = m.describe(program);
    start_afresh();
    throw StalledMachine(state);
  }
  if (times.fault) {
    times.end = Cycles(m.now);
    start_afresh();
    return times;
  }
  times.operations.resize(program.instructions().size());
  m.collect(times, cores_begin);
  m.now = times.end.count();
  if (m.activity) m.activity->finish(*m.running, m.now);
  m.activity.reset();
  times.memory = m.memory.events();
  times.memory -= before;
  return times;
}

UntimedLaunch Machine::pass(simt::Program& program, std::uint32_t program_id,
                            simt::GlobalMemory& memory, const simt::LaunchConfig& config) {
  Impl& m = *impl_;
  const TimedProgram& timed = m.timed(program, program_id);
  m.begin_cores(timed, program_id);
  CacheWarmer warmer(m.chip, m.cores, m.memory, {timed, program, memory, config});
  UntimedLaunch launch;
  launch.fault = warmer.pass({0, simt::count_groups(config)});
  launch.work = warmer.passes().back();
  launch.counters = warmer.counters();
  launch.counters.launches = 1;
  return launch;
}

}  // namespace isobar::timing
