// How long ago a launch's buffers were last used, in bytes of other buffers used since: whether
// caches can still hold them. Two launches of one kernel that differ in it are not alike: one that
// works in place, and one that comes back to a buffer after many others.
//
// Buffers count as used whole, and as different where they do not begin at the same address.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/units.h"

namespace isobar::timing {

/// A buffer that a launch is given.
struct BufferUse {
  DeviceAddress address;
  Bytes size;
};

class ReuseHistory {
 public:
  /// `cache`: what the last level holds; distances are told by it.
  explicit ReuseHistory(Bytes cache) : cache_(cache) {}
  /// A code for each buffer, by its size (to a power of two) and the distance of its last use:
  /// below a quarter, a half, once, twice or four times the cache, or beyond. Then all of them are
  /// used.
  [[nodiscard]] std::vector<std::uint16_t> use(std::span<const BufferUse> buffers);

 private:
  [[nodiscard]] std::uint16_t distance_class(DeviceAddress address) const;
  void move_to_end(const BufferUse& buffer);

  static constexpr std::uint64_t kFar = 4;  // times the cache
  Bytes cache_;
  std::vector<BufferUse> recent_;  // each once, the latest last
};

}  // namespace isobar::timing
