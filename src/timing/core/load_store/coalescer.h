// From the addresses of a warp's lanes to what the memory port works on: lines with the sectors
// that are touched, for caches; conflict cycles, for the banks of local memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simt/trace/trace.h"

namespace isobar::timing {

/// Sectors of one line; bit i is the line's i-th sector.
struct LineAccess {
  std::uint64_t line = 0;  // address
  std::uint32_t sectors = 0;
  std::uint32_t operations = 0;  // lanes that fell on the busiest word: what an atomic serialises
  std::uint32_t round = 0;       // its place among its group's: those of one round go together
};

struct LineGeometry {
  unsigned line_shift = 7;
  unsigned sector_shift = 5;
  unsigned group = 64;  // neighbouring lanes whose addresses are merged
};

/// Where a warp's stacks lie in device memory: words of four bytes, interleaved by lane, or one
/// stack after another.
struct PrivateWindow {
  std::uint64_t base = 0;  // of the warp's store
  std::uint32_t lanes = 32;
  std::uint64_t stack = 0;  // bytes of a work-item's, where stacks are contiguous; else 0
};

class Coalescer {
 public:
  explicit Coalescer(LineGeometry geometry) : geometry_(geometry) {}

  /// The lines an access touches, in the order of the lanes that first touch them. Private
  /// addresses are laid out by `window`; those of the program and its arguments move up by
  /// `program_base`. Valid until the next call.
  std::span<const LineAccess> lines(const simt::TracedAccess& access, simt::LaneMask mask,
                                    const PrivateWindow& window, std::uint64_t program_base);

 private:
  static constexpr std::uint64_t kNoLine = ~std::uint64_t{0};

  void touch(std::uint64_t address, std::uint64_t bytes, std::uint32_t lanes);
  void touch_sectors(std::uint64_t address, std::uint64_t bytes, std::uint32_t lanes);
  /// The entry of a line, made if there is none.
  LineAccess& place_of(std::uint64_t line);
  void merge(const simt::TracedAccess& access, simt::LaneMask mask, std::size_t before,
             const PrivateWindow& window);
  void merge_groups(const simt::TracedAccess& access, simt::LaneMask mask,
                    const PrivateWindow& window);
  void private_lanes(const simt::TracedAccess& access, simt::LaneMask mask, std::size_t before,
                     const PrivateWindow& window);

  LineGeometry geometry_;
  std::vector<LineAccess> lines_;
  std::uint64_t last_line_ = kNoLine;  // that was touched last, and its place
  std::size_t last_ = 0;
  std::size_t group_begin_ = 0;  // what is merged begins here
};

/// Whether an access of the lanes in `mask` is to local memory, which no cache sees.
[[nodiscard]] bool is_local(const simt::TracedAccess& access, simt::LaneMask mask);

/// Cycles that a local-memory access holds the banks: the most distinct words in one bank, or the
/// most lanes in one where each lane is served on its own: atomics, and memories that cannot
/// broadcast.
[[nodiscard]] std::uint32_t bank_cycles(const simt::TracedAccess& access, simt::LaneMask mask,
                                        std::uint32_t banks, bool one_by_one);

}  // namespace isobar::timing
