// Inside of GlobalMemory, for the checks of every access (slow_paths.cpp).
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>

#include "simt/memory/global_memory.h"

namespace isobar::simt {

struct GlobalMemory::Impl {
  std::byte* arena = nullptr;
  Bytes capacity;
  Bytes used;
  std::uint64_t address_space = 0;  // bytes of the arena: capacity and the gaps
  std::uint64_t gap = 0;
  mutable std::shared_mutex mutex;
  std::map<std::uint64_t, std::uint64_t> allocations;  // offset in the arena -> size

  struct Range {
    std::uint64_t offset = 0, size = 0;
  };
  /// The allocation that holds the offset, else the nearest one below it (size 0: there is none).
  [[nodiscard]] Range below(std::uint64_t offset) const;
  /// Where a new allocation fits, or nothing. The caller holds the lock.
  [[nodiscard]] std::optional<std::uint64_t> place(std::uint64_t size, std::uint64_t align,
                                                   std::uint64_t apart) const;
};

}  // namespace isobar::simt
