// How work-groups come onto a core: which places their warps take.
#include "timing/core/core.h"

namespace isobar::timing {

void Core::take(std::unique_ptr<GroupWork> group, std::uint64_t asked, std::uint64_t cycle) {
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
  const std::uint64_t cycle = arrival.cycle;
  // Here and not in begin(): an idle core costs nothing.
  if (times_.size() < launch_.program->size()) times_.resize(launch_.program->size());
  group->slots.clear();
  group->warps_left = group->warps;
  group->arrived = 0;
  residency_.arrive(group->warps, group->local_memory, cycle);
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
      charges_[static_cast<std::size_t>(why)] += (cycle - s.accounted) * lanes_;
      s.accounted = cycle;
    }
    s.had_warps = true;
    s.resident |= std::uint64_t{1} << index;
    s.age[index] = placed_++;
    next_block(slot, cycle);
  }
  groups_.push_back(std::move(group));
}

std::optional<Core::Position> Core::position() const {
  for (const TimedWarp& warp : warps_)
    if (warp.state != State::kFree) return Position{warp.at, warp.group->number};
  return std::nullopt;
}

}  // namespace isobar::timing
