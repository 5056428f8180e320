// The work-group size that the driver chooses when the program leaves it open.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace isobar::device {

struct WorkGroupWish {
  std::uint64_t warp_width = 32;
  std::uint64_t max_items = 1024;
  std::uint64_t cores = 1;
  bool must_divide = true;  // no smaller groups at the edge (OpenCL C before 2.0)
};

/// Whole warps where the range allows it, up to 256 work-items, and no fewer groups than cores
/// where a smaller group of whole warps can avoid that.
[[nodiscard]] std::array<std::uint64_t, 3> choose_local_size(
    std::span<const std::uint64_t> global_size, const WorkGroupWish& wish);

}  // namespace isobar::device
