#include "device/work_group.h"

#include <algorithm>

namespace isobar::device {
namespace {

/// Of the divisors of `size` up to `limit`: the largest whole number of warps, else the largest.
std::uint64_t best_divisor(std::uint64_t size, std::uint64_t limit, std::uint64_t warp) {
  std::uint64_t best = 1;
  std::uint64_t best_whole = 0;
  for (std::uint64_t d = 1; d <= std::min(size, limit); ++d) {
    if (size % d != 0) continue;
    best = d;
    if (d % warp == 0) best_whole = d;
  }
  // A large odd size beats a small whole one: 250 lanes of 256 are busier than 32 of 32 groups.
  return best_whole * 4 >= best ? std::max(best_whole, std::uint64_t{1}) : best;
}

}  // namespace

std::array<std::uint64_t, 3> choose_local_size(std::span<const std::uint64_t> global_size,
                                               const WorkGroupWish& wish) {
  constexpr std::uint64_t kGoodSize = 256;
  std::uint64_t items = 1;
  for (const std::uint64_t size : global_size) items *= std::max<std::uint64_t>(size, 1);
  // Halve the group while cores would stay idle, but never below one warp.
  std::uint64_t limit = std::min(kGoodSize, wish.max_items);
  while (limit > wish.warp_width && items / limit < wish.cores) limit /= 2;

  std::array<std::uint64_t, 3> local{1, 1, 1};
  for (std::size_t i = 0; i < std::min<std::size_t>(3, global_size.size()); ++i) {
    const std::uint64_t warp_left =
        std::max<std::uint64_t>(1, wish.warp_width / std::min(local[0], wish.warp_width));
    const std::uint64_t size = std::max<std::uint64_t>(global_size[i], 1);
    local.at(i) = wish.must_divide ? best_divisor(size, limit, i == 0 ? wish.warp_width : warp_left)
                                   : std::min(size, limit);
    limit = std::max<std::uint64_t>(1, limit / local.at(i));
  }
  return local;
}

}  // namespace isobar::device
