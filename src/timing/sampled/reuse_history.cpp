#include "timing/sampled/reuse_history.h"

#include <algorithm>
#include <bit>

namespace isobar::timing {

std::uint16_t ReuseHistory::distance_class(DeviceAddress address) const {
  constexpr std::uint16_t kClasses = 5;
  std::uint64_t distance = 0;
  for (auto it = recent_.rbegin(); it != recent_.rend(); ++it) {
    if (it->address == address) {
      std::uint16_t found = 0;
      for (std::uint64_t limit = cache_.count() / 4; found < kClasses && distance >= limit;
           limit *= 2)
        ++found;
      return found;
    }
    distance += it->size.count();
  }
  return kClasses;
}

void ReuseHistory::move_to_end(const BufferUse& buffer) {
  const auto found = std::ranges::find(recent_, buffer.address, &BufferUse::address);
  if (found != recent_.end()) recent_.erase(found);
  recent_.push_back(buffer);
}

std::vector<std::uint16_t> ReuseHistory::use(std::span<const BufferUse> buffers) {
  constexpr std::uint16_t kSame = 0xffff;  // as an argument before it
  std::vector<std::uint16_t> codes;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const BufferUse& buffer = buffers[i];
    const bool again = std::ranges::find(buffers.first(i), buffer.address, &BufferUse::address) !=
                       buffers.begin() + static_cast<std::ptrdiff_t>(i);
    const auto size = static_cast<std::uint16_t>(std::bit_width(buffer.size.count()));
    codes.push_back(
        again ? kSame : static_cast<std::uint16_t>(distance_class(buffer.address) << 8U | size));
  }
  for (const BufferUse& buffer : buffers) move_to_end(buffer);
  // Who lies beyond the farthest distance is as good as forgotten.
  std::uint64_t kept = 0;
  auto first = recent_.end();
  while (first != recent_.begin() && kept < kFar * cache_.count() + 1)
    kept += (--first)->size.count();
  recent_.erase(recent_.begin(), first);
  return codes;
}

}  // namespace isobar::timing
