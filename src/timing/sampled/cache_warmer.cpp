#include "timing/sampled/cache_warmer.h"

#include <algorithm>
#include <bit>

namespace isobar::timing {
namespace {

constexpr std::uint64_t kMostTogether = 512;
// 64 MiB of traces, in words.
constexpr std::size_t kTraceWords = std::size_t{1} << 23;
constexpr std::size_t kMostChunk = std::size_t{1} << 16;

std::uint64_t items_of(const simt::LaunchConfig& config) {
  return config.local_size[0] * config.local_size[1] * config.local_size[2];
}

}  // namespace

Untimed& Untimed::operator+=(const Untimed& other) {
  warp_instructions += other.warp_instructions;
  first_level += other.first_level;
  memory += other.memory;
  return *this;
}

std::uint64_t resident_groups(const chip::Chip& chip, const simt::LaunchConfig& config) {
  const std::uint64_t warps = (items_of(config) + config.warp_width - 1) / config.warp_width;
  std::uint64_t groups = std::min<std::uint64_t>(chip.core.work_groups, chip.core.warps / warps);
  if (config.local_memory.count() > 0)
    groups = std::min(groups, chip.core.local_memory.count() / config.local_memory.count());
  return std::max<std::uint64_t>(groups, 1) * chip.core.count;
}

CacheWarmer::CacheWarmer(const chip::Chip& chip, std::span<const std::unique_ptr<Core>> cores,
                         MemorySystem& memory, const Launch& launch)
    : launch_(launch),
      cores_(cores),
      memory_(memory),
      together_(std::min(kMostTogether, resident_groups(chip, launch.config))),
      chunk_(std::min(kMostChunk, kTraceWords / together_)) {}

std::optional<simt::Fault> CacheWarmer::pass(const simt::GroupRange& groups) {
  passes_.emplace_back();
  const std::uint64_t before = counters().total_warp_instructions();
  std::optional<simt::Fault> fault;
  const std::uint64_t end = groups.first + groups.count;
  for (std::uint64_t first = groups.first; first < end && !fault; first += together_)
    fault = pass_together(first, std::min(together_, end - first));
  passes_.back().warp_instructions = counters().total_warp_instructions() - before;
  return fault;
}

std::optional<simt::Fault> CacheWarmer::pass_together(std::uint64_t first, std::uint64_t count) {
  groups_.resize(std::max<std::size_t>(groups_.size(), count));
  for (std::uint64_t i = 0; i < count; ++i) {
    begin(groups_[i], first + i, i);
    if (auto fault = execute(groups_[i])) return fault;
  }
  for (bool any = true; any;) {
    any = false;
    for (Group& group : std::span(groups_).first(count)) {
      for (std::size_t w = 0; w < group.warps.size(); ++w) {
        if (step(group.warps[w], group.traces[w])) {
          any = true;
        } else if (group.tracer) {
          if (auto fault = execute(group)) return fault;
          any = true;
        }
      }
    }
  }
  return std::nullopt;
}

void CacheWarmer::begin(Group& group, std::uint64_t number, std::uint64_t place) {
  if (idle_tracers_.empty()) {
    group.tracer =
        std::make_unique<simt::GroupTracer>(launch_.program, launch_.memory, launch_.config);
  } else {
    group.tracer = std::move(idle_tracers_.back());
    idle_tracers_.pop_back();
  }
  group.tracer->start(number, group.traces);
  const auto core = static_cast<std::uint32_t>(place % cores_.size());
  const auto slot = static_cast<std::uint32_t>(place / cores_.size() * group.traces.size());
  group.warps.clear();
  for (std::uint32_t w = 0; w < group.traces.size(); ++w)
    group.warps.push_back({core, slot + w, 0, false});
}

std::optional<simt::Fault> CacheWarmer::execute(Group& group) {
  std::size_t unread = 0;
  for (const simt::WarpTrace& trace : group.traces) unread += trace.unread();
  if (group.tracer->advance(unread + chunk_)) return std::nullopt;
  std::optional<simt::Fault> fault = group.tracer->fault();
  idle_tracers_.push_back(std::move(group.tracer));
  return fault;
}

bool CacheWarmer::step(Walk& warp, simt::WarpTrace& trace) {
  const TimedOperation* operations = launch_.timed.operations();
  for (;;) {
    if (!warp.in_block) {
      if (trace.unread() == 0) return false;
      if (trace.next() == simt::TraceTag::kRelease) {
        trace.take_release();
        continue;
      }
      warp.at = trace.take_block();
    }
    const std::uint32_t at = launch_.timed.next_stop(warp.at);
    const TimedOperation& operation = operations[at];
    warp.at = at + 1;
    warp.in_block = !operation.ends_block;
    if (operation.access == AccessKind::kNone) continue;
    trace.take_access(access_);
    LoadStoreEvents& events = passes_.back().first_level;
    const std::uint64_t bytes =
        operation.bytes * static_cast<std::uint64_t>(std::popcount(trace.mask()));
    if (is_local(access_, trace.mask())) {
      events.local_bytes += bytes;
      events.local_accesses += 1;
      continue;
    }
    events.l1_bytes += bytes;
    below_.clear();
    cores_[warp.core]->touch(operation, access_, trace.mask(), warp.slot, below_, events);
    for (const MemoryRequest& request : below_) memory_.touch(request, passes_.back().memory);
    return true;
  }
}

simt::Counters CacheWarmer::counters() const {
  simt::Counters total;
  for (const auto& tracer : idle_tracers_) total += tracer->counters();
  return total;
}

}  // namespace isobar::timing
