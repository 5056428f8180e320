// Host memory for warps, stacks and local memory: aligned to a cache line and handed from one
// launch to the next, because a launch of microseconds cannot afford fresh pages. What an earlier
// launch left in it may still be there; guests must not read what they have not written.
#pragma once

#include <cstddef>
#include <memory>

namespace isobar::simt {

struct AlignedFree {
  std::size_t size = 0;
  void operator()(std::byte* memory) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], AlignedFree>;

/// At least `size` bytes; of several pieces that were given back, the smallest that is large
/// enough. Thread-safe. Throws std::bad_alloc.
[[nodiscard]] AlignedBytes aligned_bytes(std::size_t size);

}  // namespace isobar::simt
