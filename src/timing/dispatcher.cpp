#include "timing/dispatcher.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace isobar::timing {
namespace {

// So many words of trace are made at a time: enough that most groups are executed in one go, and
// little beside the memory that a simulated chip takes.
constexpr std::size_t kChunk = 1 << 20;
// Groups that leave less than so many words, 50 us of execution or so, are not worth a thread's way
// to and from its cores.
constexpr std::size_t kWorthSparing = 1 << 13;
// A warp reads at most so many words in a cycle: a block's two, and an access with 64 addresses.
constexpr std::uint64_t kWordsPerCycle = 2 + 2 + 64;

std::uint64_t volume(const std::array<std::uint64_t, 3>& size) {
  return size[0] * size[1] * size[2];
}

}  // namespace

Dispatcher::Dispatcher(const chip::Chip& chip, simt::Program& program, simt::GlobalMemory& memory,
                       const simt::LaunchConfig& config,
                       std::span<const simt::GroupRange> selection, CacheWarmer& warmer)
    : latency_(chip.core.dispatch_latency),
      interval_(chip.core.dispatch_interval),
      program_(program),
      memory_(memory),
      config_(config),
      left_(selection.rbegin(), selection.rend()),
      warps_per_group_(static_cast<std::uint32_t>(
          (volume(config.local_size) + config.warp_width - 1) / config.warp_width)),
      warmer_(warmer),
      mark_every_(selection.empty() ? 0 : resident_groups(chip, config)) {
  if (selection.empty()) left_.push_back({0, simt::count_groups(config)});
  std::erase_if(left_, [](const simt::GroupRange& range) { return range.count == 0; });
}

simt::Counters Dispatcher::counters() const {
  simt::Counters total = counters_;
  for (const auto& tracer : idle_tracers_) total += tracer->counters();
  total.launches = 1;
  return total;
}

std::uint64_t Dispatcher::fill(Cores cores, std::uint64_t cycle) {
  free_at_ = cycle;
  first_arrival_ = Core::kNever.count();
  for (bool any = true; any && !fault_;) {
    any = false;
    for (const auto& core : cores) any |= hand_out(*core, cycle, cycle);
  }
  return first_arrival_;
}

std::uint64_t Dispatcher::replace_ended(Cores cores, std::span<const std::uint32_t> busy,
                                        std::uint64_t not_before) {
  first_arrival_ = Core::kNever.count();
  ends_.clear();
  for (const std::uint32_t c : busy) {
    for (Core::Ended& each : cores[c]->ended()) {
      ends_.push_back({each.cycle.count(), c});
      if (each.group->tracer) give_back(*each.group);
      idle_groups_.push_back(std::move(each.group));
    }
    cores[c]->ended().clear();
  }
  std::ranges::sort(ends_, [](const End& a, const End& b) {
    return std::tie(a.cycle, a.core) < std::tie(b.cycle, b.core);
  });
  for (const End& end : ends_) {
    while (hand_out(*cores[end.core], end.cycle, not_before)) {}
  }
  return first_arrival_;
}

void Dispatcher::refill(Cores cores, std::span<const std::uint32_t> busy, std::uint64_t cycles) {
  if (unfinished_ == 0 || ahead_.group) return;
  for (const std::uint32_t c : busy) {
    for (const auto& group : cores[c]->groups()) refill(*group, cycles);
    for (const Core::Arrival& arrival : cores[c]->arrivals()) refill(*arrival.group, cycles);
  }
}

void Dispatcher::refill(GroupWork& group, std::uint64_t cycles) {
  while (group.tracer && !fault_ &&
         std::ranges::any_of(group.traces, [&](const simt::WarpTrace& trace) {
           return trace.unread() < cycles * kWordsPerCycle;
         })) {
    std::size_t unread = 0;
    for (const simt::WarpTrace& trace : group.traces) unread += trace.unread();
    advance(group, unread + kChunk);
  }
}

void Dispatcher::end_at_time_limit(Cores cores) {
  simt::Fault fault;
  fault.kind = simt::FaultKind::kTimeLimit;
  fault.pc = config_.entry;
  for (const auto& core : cores) {
    const std::optional<Core::Position> at = core->position();
    if (!at) continue;
    fault.pc = program_.pc_of(at->operation);
    fault.word = program_.instructions()[at->operation].word;
    std::uint64_t number = at->group;
    for (std::size_t d = 0; d < 3; ++d) {
      const std::uint64_t groups = config_.global_size[d] / config_.local_size[d];
      fault.group[d] = number % groups;
      fault.global_id[d] = config_.global_offset[d] + fault.group[d] * config_.local_size[d];
      number /= groups;
    }
    break;
  }
  fault_ = fault;
}

bool Dispatcher::hand_out(Core& core, std::uint64_t asked, std::uint64_t not_before) {
  if ((left_.empty() && !ahead_.group) || fault_) return false;
  if (!core.has_room(warps_per_group_, config_.local_memory, Cycles(asked))) return false;
  if (!ahead_.group && !pass_gap()) return false;
  std::unique_ptr<GroupWork> group = execute_next();
  if (fault_) return false;
  const std::uint64_t sent = std::max(asked, free_at_);
  free_at_ = sent + interval_;
  if (mark_every_ != 0 && handed_out_ != 0 && handed_out_ % mark_every_ == 0) mark_pace(sent);
  ++handed_out_;
  const std::uint64_t arrival = std::max(sent + latency_, not_before);
  first_arrival_ = std::min(first_arrival_, arrival);
  core.take(std::move(group), Cycles(asked), Cycles(arrival));
  return true;
}

/// Groups that a selection leaves out come before the next one. False: a fault was found.
bool Dispatcher::pass_gap() {
  const std::uint64_t next = left_.back().first;
  if (next > next_group_) fault_ = warmer_.pass({next_group_, next - next_group_});
  next_group_ = next + 1;
  return !fault_;
}

/// Counts include the group that is being handed out: every mark is off by one alike.
void Dispatcher::mark_pace(std::uint64_t cycle) {
  std::uint64_t instructions = 0;
  for (const auto& tracer : idle_tracers_)
    instructions += tracer->counters().total_warp_instructions();
  const MemoryEvents memory = watched_ != nullptr ? watched_->events() : MemoryEvents{};
  pace_.push_back({cycle, instructions, memory.dram_read_bytes + memory.dram_write_bytes});
}

std::unique_ptr<GroupWork> Dispatcher::execute_next() {
  std::unique_ptr<GroupWork> group;
  if (ahead_.group) {
    group = finish_ahead();
  } else {
    group = begin_next();
    advance(*group, kChunk);
  }
  group->warps = 0;
  words_before_ = 0;
  for (const simt::WarpTrace& trace : group->traces) {
    if (trace.unread() > 0) ++group->warps;
    words_before_ += trace.unread();
  }
  return group;
}

std::unique_ptr<GroupWork> Dispatcher::begin_next() {
  std::unique_ptr<GroupWork> group;
  if (idle_groups_.empty()) {
    group = std::make_unique<GroupWork>();
  } else {
    group = std::move(idle_groups_.back());
    idle_groups_.pop_back();
  }
  group->number = left_.back().first++;
  if (--left_.back().count == 0) left_.pop_back();
  group->local_memory = config_.local_memory;
  group->tracer = take_tracer();
  ++unfinished_;
  group->tracer->start(group->number, group->traces);
  return group;
}

void Dispatcher::execute_ahead(WindowTeam& team) {
  if (unfinished_ != 0 || left_.empty() || fault_ || words_before_ < kWorthSparing) return;
  if (!pass_gap()) return;
  ahead_ = {&team, begin_next(), false, nullptr};
  team.begin_errand([this] {
    try {
      ahead_.ended = !ahead_.group->tracer->advance(kChunk);
    } catch (...) {
      ahead_.error = std::current_exception();
    }
  });
}

std::unique_ptr<GroupWork> Dispatcher::finish_ahead() {
  ahead_.team->finish_errand();
  Ahead ahead = std::exchange(ahead_, {});
  if (ahead.error) std::rethrow_exception(ahead.error);
  if (ahead.ended) end_execution(*ahead.group);
  return std::move(ahead.group);
}

void Dispatcher::advance(GroupWork& group, std::size_t words) {
  if (!group.tracer->advance(words)) end_execution(group);
}

void Dispatcher::end_execution(GroupWork& group) {
  if (group.tracer->fault()) fault_ = group.tracer->fault();
  give_back(group);
}

void Dispatcher::give_back(GroupWork& group) {
  idle_tracers_.push_back(std::move(group.tracer));
  --unfinished_;
}

std::unique_ptr<simt::GroupTracer> Dispatcher::take_tracer() {
  if (idle_tracers_.empty()) return std::make_unique<simt::GroupTracer>(program_, memory_, config_);
  std::unique_ptr<simt::GroupTracer> tracer = std::move(idle_tracers_.back());
  idle_tracers_.pop_back();
  return tracer;
}

}  // namespace isobar::timing
