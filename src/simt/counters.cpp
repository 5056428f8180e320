#include "simt/counters.h"

#include <numeric>

namespace isobar::simt {

Counters& Counters::operator+=(const Counters& other) {
  launches += other.launches;
  work_groups += other.work_groups;
  work_items += other.work_items;
  warps += other.warps;
  for (std::size_t c = 0; c < kClasses; ++c) {
    warp_instructions[c] += other.warp_instructions[c];
    thread_instructions[c] += other.thread_instructions[c];
  }
  lane_slots += other.lane_slots;
  flops_fp16 += other.flops_fp16;
  flops_fp32 += other.flops_fp32;
  flops_fp64 += other.flops_fp64;
  global_load_bytes += other.global_load_bytes;
  global_store_bytes += other.global_store_bytes;
  global_sectors += other.global_sectors;
  local_bytes += other.local_bytes;
  private_bytes += other.private_bytes;
  constant_bytes += other.constant_bytes;
  local_accesses += other.local_accesses;
  divergent_branches += other.divergent_branches;
  return *this;
}

std::uint64_t Counters::total_warp_instructions() const {
  return std::accumulate(warp_instructions.begin(), warp_instructions.end(), std::uint64_t{0});
}

std::uint64_t Counters::total_thread_instructions() const {
  return std::accumulate(thread_instructions.begin(), thread_instructions.end(), std::uint64_t{0});
}

double Counters::simd_efficiency() const {
  return lane_slots == 0
             ? 1.0
             : static_cast<double>(total_thread_instructions()) / static_cast<double>(lane_slots);
}

}  // namespace isobar::simt
