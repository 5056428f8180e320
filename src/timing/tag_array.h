// The tags of a sectored, set-associative cache. It holds no data: what a line contains is the
// simulated memory's business.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace isobar::timing {

class TagArray {
 public:
  struct Line {
    std::uint64_t tag = kNoTag;  // address of the line
    std::uint64_t used = 0;
    std::uint32_t valid = 0;  // sectors
    std::uint32_t dirty = 0;
    std::uint32_t miss = 0;  // the owner's note about a fill on its way
  };
  static constexpr std::uint64_t kNoTag = ~std::uint64_t{0};

  /// How a set is chosen, and which of its lines is given up.
  struct Policy {
    bool folded = true;  // upper address bits take part
    bool fifo = false;   // the first that came, else the least recently used
  };

  /// Sizes in bytes; the number of sets must be a power of two.
  TagArray(Bytes size, Bytes line, std::uint32_t ways) : TagArray(size, line, ways, Policy{}) {}
  TagArray(Bytes size, Bytes line, std::uint32_t ways, Policy policy)
      : policy_(policy),
        ways_(ways),
        line_shift_(static_cast<unsigned>(std::countr_zero(line.count()))),
        set_mask_(size.count() / line.count() / ways - 1),
        lines_((set_mask_ + 1) * ways) {}

  /// The line at an address; null if it is not there. It counts as a use.
  [[nodiscard]] Line* find(std::uint64_t address) {
    Line* set = set_of(address);
    for (std::uint32_t w = 0; w < ways_; ++w) {
      if (set[w].tag != address) continue;
      if (!policy_.fifo) set[w].used = ++clock_;
      return &set[w];
    }
    return nullptr;
  }
  /// Finds the line or replaces another one, whose former content goes to `evicted` (tag kNoTag:
  /// there was none).
  Line& insert(std::uint64_t address, Line& evicted) {
    evicted = Line{};
    if (Line* found = find(address)) return *found;
    Line* set = set_of(address);
    Line* oldest = std::min_element(set, set + ways_,
                                    [](const Line& a, const Line& b) { return a.used < b.used; });
    evicted = *oldest;
    *oldest = {address, ++clock_, 0, 0, 0};
    return *oldest;
  }
  void clear() { std::fill(lines_.begin(), lines_.end(), Line{}); }
  [[nodiscard]] std::vector<Line>& lines() { return lines_; }

 private:
  [[nodiscard]] Line* set_of(std::uint64_t address) {
    // Folding upper bits in keeps power-of-two strides from meeting in one set.
    const std::uint64_t number = address >> line_shift_;
    const auto bits = static_cast<unsigned>(std::bit_width(set_mask_));
    if (!policy_.folded) return lines_.data() + (number & set_mask_) * ways_;
    const std::uint64_t folded = bits == 0 ? 0 : number ^ number >> bits ^ number >> (2 * bits);
    return lines_.data() + (folded & set_mask_) * ways_;
  }

  Policy policy_;
  std::uint32_t ways_;
  unsigned line_shift_;
  std::uint64_t set_mask_;
  std::vector<Line> lines_;
  std::uint64_t clock_ = 0;
};

}  // namespace isobar::timing
