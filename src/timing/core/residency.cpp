#include "timing/core/residency.h"

namespace isobar::timing {

bool Residency::has_room(std::uint32_t warps, Bytes local_memory, Cycles cycle) const {
  std::uint32_t groups = groups_ + promised_groups_;
  std::uint32_t resident = warps_ + promised_warps_;
  Bytes local = local_memory_ + promised_local_memory_;
  for (const Cycles end : warp_ends_) resident += end > cycle ? 1 : 0;
  for (const auto& [end, bytes] : group_ends_) {
    if (end <= cycle) continue;
    groups += 1;
    local += bytes;
  }
  return groups < limits_.groups && resident + warps <= limits_.warps &&
         local + local_memory <= limits_.local_memory;
}

void Residency::promise(std::uint32_t warps, Bytes local_memory) {
  promised_groups_ += 1;
  promised_warps_ += warps;
  promised_local_memory_ += local_memory;
}

void Residency::settle_promises() {
  warp_ends_.clear();
  group_ends_.clear();
  promised_groups_ = promised_warps_ = 0;
  promised_local_memory_ = Bytes(0);
}

void Residency::arrive(std::uint32_t warps, Bytes local_memory, Cycles cycle) {
  count_to(cycle);
  groups_ += 1;
  warps_ += warps;
  local_memory_ += local_memory;
}

void Residency::end_warp(Cycles cycle) {
  count_to(cycle);
  warps_ -= 1;
  warp_ends_.push_back(cycle);
}

void Residency::end_group(Bytes local_memory, Cycles cycle) {
  groups_ -= 1;
  local_memory_ -= local_memory;
  group_ends_.emplace_back(cycle, local_memory);
}

void Residency::begin(Cycles cycle) {
  warp_cycles_ = 0;
  counted_to_ = cycle;
}

void Residency::count_to(Cycles cycle) {
  warp_cycles_ += (cycle - counted_to_).count() * warps_;
  counted_to_ = cycle;
}

}  // namespace isobar::timing
