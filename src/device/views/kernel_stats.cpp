#include "device/views/kernel_stats.h"

#include <algorithm>

namespace isobar::device {

KernelStats& KernelStats::operator+=(const KernelStats& other) {
  counters += other.counters;
  time += other.time;
  first_order += other.first_order;
  cycles += other.cycles;
  timed_launches += other.timed_launches;
  timed_warp_instructions += other.timed_warp_instructions;
  timed_groups += other.timed_groups;
  timed_capacity += other.timed_capacity;
  energy += other.energy;
  margin += other.margin;
  host_nanoseconds += other.host_nanoseconds;
  host_cpu_nanoseconds += other.host_cpu_nanoseconds;
  return *this;
}

void KernelSums::add(const std::string& kernel, const KernelStats& stats) {
  const std::lock_guard lock(mutex_);
  auto row = std::ranges::find_if(rows_, [&](const auto& r) { return r->kernel == kernel; });
  if (row == rows_.end()) {
    rows_.push_back(std::make_unique<Row>(Row{kernel, {}, {}}));
    row = std::prev(rows_.end());
  }
  (*row)->stats += stats;
}

void KernelSums::reset() {
  const std::lock_guard lock(mutex_);
  for (const auto& row : rows_) row->stats = {};
}

std::vector<KernelSums::Row> KernelSums::rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<Row> result;
  for (const auto& row : rows_)
    if (row->stats.counters.launches > 0) result.push_back(*row);
  return result;
}

const char* KernelSums::stable_name(const std::string& kernel) const {
  const std::lock_guard lock(mutex_);
  for (const auto& row : rows_)
    if (row->kernel == kernel) return row->kernel.c_str();
  return "";
}

}  // namespace isobar::device
