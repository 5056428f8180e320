// How work-groups come onto a core, meet at barriers and leave it: which places their warps take.
#include <algorithm>

#include "timing/core/core.h"

namespace isobar::timing {

void Core::take(std::unique_ptr<GroupWork> group, Cycles asked, Cycles cycle) {
  residency_.promise(group->warps, group->local_memory);
  arrivals_.push_back({std::move(group), asked, cycle});
}

void Core::place_arrivals() {
  residency_.settle_promises();
  for (Arrival& arrival : arrivals_) place(arrival);
  arrivals_.clear();
}

void Core::place(Arrival& arrival) {
  std::unique_ptr<GroupWork> group = std::move(arrival.group);
  const Cycles cycle = arrival.cycle;
  // Here and not in begin(): an idle core costs nothing.
  if (times_.size() < launch_.program->size()) times_.resize(launch_.program->size());
  group->slots.clear();
  group->warps_left = group->warps;
  group->arrived = 0;
  residency_.arrive(group->warps, group->local_memory, arrival.cycle);
  std::uint32_t slot = 0;
  for (std::uint32_t w = 0; w < group->warps; ++w) {
    while (warps_[slot].state != State::kFree || warps_[slot].freed > arrival.asked) ++slot;
    TimedWarp& warp = warps_[slot];
    const auto generation = static_cast<std::uint16_t>(warp.generation + 1);
    warp = TimedWarp{};
    warp.generation = generation;
    warp.state = State::kBlocked;
    warp.trace = &group->traces[w];
    warp.group = group.get();
    warp.arrived = warp.may_issue = cycle;
    warp.fetches.restart(cycle);
    warp.wait_cause = warp.may_cause = Cause::kOccupancy;
    group->slots.push_back(slot);
    Scheduler& s = schedulers_[slot % scheduler_count_];
    const unsigned index = slot / scheduler_count_;
    if (s.resident == 0 && cycle > s.accounted) {
      const Cause why = s.had_warps ? Cause::kOccupancy : Cause::kLaunch;
      charges_[static_cast<std::size_t>(why)] += ((cycle - s.accounted) * lanes_).count();
      s.accounted = cycle;
    }
    s.had_warps = true;
    s.resident |= std::uint64_t{1} << index;
    s.age[index] = placed_++;
    next_block(slot, cycle);
  }
  groups_.push_back(std::move(group));
}

void Core::arrive(std::uint32_t slot, Cycles now) {
  GroupWork& group = *warps_[slot].group;
  warps_[slot].state = State::kAtBarrier;
  if (++group.arrived < group.warps) return;
  group.arrived = 0;
  for (const std::uint32_t each : group.slots) {
    TimedWarp& warp = warps_[each];
    warp.state = State::kBlocked;
    restart_fetch(warp, now + fetch_interval_, Cause::kBarrier);
    next_block(each, now);
  }
}

void Core::end_warp(std::uint32_t slot, Cycles now) {
  TimedWarp& warp = warps_[slot];
  GroupWork* group = warp.group;
  warp.state = State::kFree;
  warp.freed = now + Cycles(1);
  if (lives_ != nullptr)
    lives_->push_back(
        {slot, group->number, warp.arrived.count(), warp.freed.count(), group->warps_left == 1});
  Scheduler& s = schedulers_[slot % scheduler_count_];
  s.resident &= ~(std::uint64_t{1} << (slot / scheduler_count_));
  residency_.end_warp(now + Cycles(1));
  if (--group->warps_left != 0) return;
  residency_.end_group(group->local_memory, now + Cycles(1));
  const auto found =
      std::ranges::find_if(groups_, [&](const auto& each) { return each.get() == group; });
  ended_.push_back({std::move(*found), now + Cycles(1)});
  groups_.erase(found);
}

std::optional<Core::Position> Core::position() const {
  for (const TimedWarp& warp : warps_)
    if (warp.state != State::kFree) return Position{warp.at, warp.group->number};
  return std::nullopt;
}

}  // namespace isobar::timing
