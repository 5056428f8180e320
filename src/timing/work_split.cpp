#include "timing/work_split.h"

#include <algorithm>

namespace isobar::timing {

WorkSplit::WorkSplit(std::uint32_t cores, MemorySystem& memory, WindowTeam& team,
                     std::uint64_t window)
    : memory_(memory),
      team_(team),
      of_core_(cores),
      of_partition_(memory.partitions()),
      of_thread_(team.threads()) {
  std::vector<std::vector<std::uint32_t>> partitions(team.threads());
  for (std::uint32_t i = 0; i < of_core_.size(); ++i) of_core_[i] = i % team.threads();
  for (std::uint32_t i = 0; i < of_partition_.size(); ++i) {
    of_partition_[i] = i % team.threads();
    partitions[of_partition_[i]].push_back(i);
  }
  for (unsigned thread = 0; thread < team.threads(); ++thread)
    team.assign(thread, Side::kPartitions, partitions[thread]);
  memory.set_threads(team.threads(), of_core_, of_partition_, window);
}

void WorkSplit::assign(std::span<const std::uint32_t> busy_cores, std::uint64_t window) {
  if (std::ranges::equal(busy_cores, seen_)) return;
  seen_.assign(busy_cores.begin(), busy_cores.end());
  for (std::vector<std::uint32_t>& list : of_thread_) list.clear();
  for (const std::uint32_t core : busy_cores) of_thread_[of_core_[core]].push_back(core);
  if (level()) memory_.set_threads(team_.threads(), of_core_, of_partition_, window);
  for (unsigned thread = 0; thread < of_thread_.size(); ++thread)
    team_.assign(thread, Side::kCores, of_thread_[thread]);
}

/// Moves cores until no thread has two more than another. Whether it did.
bool WorkSplit::level() {
  const auto size = [](const std::vector<std::uint32_t>& list) { return list.size(); };
  for (bool moved = false;; moved = true) {
    const auto least = std::ranges::min_element(of_thread_, {}, size);
    const auto most = std::ranges::max_element(of_thread_, {}, size);
    if (most->size() < least->size() + 2) return moved;
    of_core_[most->back()] = static_cast<unsigned>(least - of_thread_.begin());
    least->push_back(most->back());
    most->pop_back();
  }
}

}  // namespace isobar::timing
