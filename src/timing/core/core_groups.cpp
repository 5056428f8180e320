// How work-groups come onto a core: whether there is room for one, and which places its warps take.
#include "timing/core/core.h"

namespace isobar::timing {

bool Core::has_room(std::uint32_t warps, Bytes local_memory, std::uint64_t cycle) const {
  std::size_t groups = groups_.size() + arrivals_.size();
  std::uint32_t resident = resident_ + arriving_warps_;
  Bytes local = local_used_ + arriving_local_;
  for (const std::uint64_t end : warp_ends_) resident += end > cycle ? 1 : 0;
  for (const auto& [end, bytes] : group_ends_) {
    if (end <= cycle) continue;
    groups += 1;
    local += bytes;
  }
  return groups < most_groups_ && resident + warps <= warps_.size() &&
         local + local_memory <= local_memory_;
}

void Core::take(std::unique_ptr<GroupWork> group, std::uint64_t asked, std::uint64_t cycle) {
  arriving_warps_ += group->warps;
  arriving_local_ += group->local_memory;
  arrivals_.push_back({std::move(group), asked, cycle});
}

void Core::place_arrivals() {
  warp_ends_.clear();
  group_ends_.clear();
  for (Arrival& arrival : arrivals_) place(arrival);
  arrivals_.clear();
  arriving_warps_ = 0;
  arriving_local_ = Bytes(0);
}

void Core::place(Arrival& arrival) {
  std::unique_ptr<GroupWork> group = std::move(arrival.group);
  const std::uint64_t cycle = arrival.cycle;
  // Here and not in begin(): an idle core costs nothing.
  if (times_.size() < launch_.program->size()) times_.resize(launch_.program->size());
  group->slots.clear();
  group->warps_left = group->warps;
  group->arrived = 0;
  local_used_ += group->local_memory;
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
    warp.arrived = warp.may_issue = warp.fetched = cycle;
    warp.wait_cause = warp.may_cause = Cause::kOccupancy;
    group->slots.push_back(slot);
    Scheduler& s = schedulers_[slot % scheduler_count_];
    const unsigned index = slot / scheduler_count_;
    if (s.resident == 0 && cycle > s.accounted) {
      const Cause why = s.had_warps ? Cause::kOccupancy : Cause::kLaunch;
      charges_[static_cast<std::size_t>(why)] += (cycle - s.accounted) * lanes_;
      s.accounted = cycle;
    }
    s.had_warps = true;
    s.resident |= std::uint64_t{1} << index;
    s.age[index] = placed_++;
    next_block(slot, cycle);
  }
  warp_cycles_ += (cycle - counted_to_) * resident_;
  counted_to_ = cycle;
  resident_ += group->warps;
  groups_.push_back(std::move(group));
}

std::optional<Core::Position> Core::position() const {
  for (const TimedWarp& warp : warps_)
    if (warp.state != State::kFree) return Position{warp.at, warp.group->number};
  return std::nullopt;
}

}  // namespace isobar::timing
