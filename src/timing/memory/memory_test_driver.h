// Drives a memory system as a machine does, window by window, for tests and measurements.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "timing/memory/memory_system.h"

namespace isobar::timing {

class MemoryDriver {
 public:
  explicit MemoryDriver(const chip::Chip& chip)
      : memory(chip), outboxes(chip.core.count), inboxes(chip.core.count) {}

  void send(const MemoryRequest& request) { outboxes[request.core].push_back(request); }

  /// One window: hands over what was sent in it, and gives the responses. `order` is the order in
  /// which partitions run.
  std::vector<MemoryResponse> step(const std::vector<std::uint32_t>& order) {
    now += memory.window();
    for (const std::uint32_t partition : order) memory.run(partition, now, {0, window});
    for (std::uint32_t core = 0; core < outboxes.size(); ++core)
      memory.send(core, outboxes[core], now, {0, window});
    memory.distribute_all(++window);
    for (std::uint32_t core = 0; core < inboxes.size(); ++core) memory.receive(core, inboxes[core]);
    std::vector<MemoryResponse> all;
    for (auto& inbox : inboxes) {
      all.insert(all.end(), inbox.begin(), inbox.end());
      inbox.clear();
    }
    return all;
  }
  std::vector<MemoryResponse> step() {
    std::vector<std::uint32_t> order(memory.partitions());
    std::iota(order.begin(), order.end(), 0U);
    return step(order);
  }
  /// Runs until nothing is left to do; all responses, in the order in which cores are numbered and
  /// responses ready.
  std::vector<MemoryResponse> finish() {
    std::vector<MemoryResponse> all = step();
    while (busy()) {
      const std::vector<MemoryResponse> some = step();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  [[nodiscard]] bool busy() const {
    for (std::uint32_t i = 0; i < memory.partitions(); ++i)
      if (memory.next_event(i)) return true;
    return false;
  }

  MemorySystem memory;
  std::vector<std::vector<MemoryRequest>> outboxes;
  std::vector<std::vector<MemoryResponse>> inboxes;
  Cycles now;  // end of the last window
  std::uint64_t window = 1;
};

}  // namespace isobar::timing
