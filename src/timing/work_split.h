// Which host thread simulates which cores and partitions of the memory. A core or a partition keeps
// its thread for as long as that leaves the threads with equal numbers of cores that have work;
// results do not depend on it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "timing/memory/memory_system.h"
#include "timing/window_team.h"

namespace isobar::timing {

class WorkSplit {
 public:
  /// Before the window with that number.
  WorkSplit(std::uint32_t cores, MemorySystem& memory, WindowTeam& team, std::uint64_t window);

  /// Gives the team its lists, before a window. Costs nothing where nothing has changed.
  void assign(std::span<const std::uint32_t> busy_cores, std::uint64_t window);

 private:
  bool level();

  MemorySystem& memory_;
  WindowTeam& team_;
  std::vector<unsigned> of_core_, of_partition_;       // threads
  std::vector<std::vector<std::uint32_t>> of_thread_;  // busy cores
  std::vector<std::uint32_t> seen_;
};

}  // namespace isobar::timing
