// Programs that use memory in different ways: a kernel or several, each given buffers that fit or
// overflow a level of caches, launched many times in some order. For comparing fidelities.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/session.h"

namespace isobar::bench {

/// One launch of a kernel of bench/kernels/memory.cl.
struct MemoryLaunch {
  std::string kernel;
  std::vector<int> buffers;            // by number, in the order of arguments
  std::uint64_t items = 0;             // work-items
  std::vector<std::uint32_t> numbers;  // the arguments behind the buffers
};

struct MemoryCase {
  std::string name;
  std::vector<std::uint64_t> buffers;  // bytes of each
  std::vector<MemoryLaunch> launches;
};

/// For a chip whose cores have first levels of `l1` bytes in all, and a second of `l2`.
[[nodiscard]] std::vector<MemoryCase> memory_cases(std::uint64_t l1, std::uint64_t l2);

/// Launches all of a case, in order.
void run_memory_case(const MemoryCase& what, Session& session);

}  // namespace isobar::bench
