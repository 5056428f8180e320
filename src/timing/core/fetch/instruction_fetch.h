// The instruction cache of a core: which lines are here, which are on their way and which warps
// wait for them, and what is asked for ahead. It asks memory for nothing itself: it says what to
// ask for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chip/chip.h"
#include "timing/tag_array.h"

namespace isobar::timing {

class InstructionFetch {
 public:
  explicit InstructionFetch(const chip::Chip& chip);

  /// Sectors of a line of memory, for the line of instructions at `address`.
  struct Request {
    std::uint64_t line = 0;
    std::uint32_t sectors = 0;
    std::uint64_t address = 0;
  };
  /// Whether the line at an address is here.
  [[nodiscard]] bool has(std::uint64_t address) { return tags_.find(address) != nullptr; }
  /// A warp waits for the line at an address, which is not here. Gives what to ask memory for: the
  /// line, and those behind it that are fetched ahead, up to that at `last`; but for those that are
  /// here or on their way. Valid until the next call.
  std::span<const Request> miss(std::uint32_t warp, std::uint64_t address, std::uint64_t last);
  /// A line has come. Gives the warps that wait for it, in the order in which they came.
  std::vector<std::uint32_t> arrive(std::uint64_t address);

  /// Lines on their way.
  [[nodiscard]] std::size_t outstanding() const { return on_their_way_.size(); }
  void clear() { tags_.clear(); }

 private:
  struct Fetch {
    std::uint64_t address = 0;
    std::vector<std::uint32_t> warps;
  };
  /// The fetch of a line, begun if there is none.
  Fetch& fetch_of(std::uint64_t address);

  const std::uint32_t prefetch_;  // lines
  const std::uint64_t line_bytes_, memory_line_, memory_sector_;
  TagArray tags_;
  std::vector<Fetch> on_their_way_;
  std::vector<Request> requests_;
};

}  // namespace isobar::timing
