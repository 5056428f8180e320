// What a warp did, in the order it did it, for a reader that knows the program: which blocks of
// code it ran with which lanes, where it accessed memory, and when a barrier let it go. The timed
// machine replays it. Arithmetic leaves no trace, and neither does anything that the program text
// already says; there is no time in it.
//
// The trace is a stream of 64-bit words:
//   block    tag, index of its first instruction; the mask follows if it is not the last one's
//   access   tag, shape, bytes per lane; then the address (uniform), or the address of lane 0 and
//   the
//            stride (affine), or the bits that all lanes' addresses share and, for each active
//            lane, the others in 2, 4 or 8 bytes (vector)
//   release  tag: the barrier that this warp waited at has been reached by all of its group
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "simt/machine.h"

namespace isobar::simt {

inline constexpr std::size_t kMaxLanes = 64;  // bits of a LaneMask

enum class TraceTag : std::uint8_t { kBlock, kAccess, kRelease };

/// The addresses of one memory instruction, as its warp computed them.
struct TracedAccess {
  Shape shape = Shape::kUniform;
  std::uint8_t bytes = 0;  // per lane
  std::uint64_t base = 0;  // kUniform and kAffine: of lane 0, running or not
  std::int64_t stride = 0;
  std::array<std::uint64_t, kMaxLanes> addresses;  // kVector: of the active lanes, in lane order
};

class WarpTrace {
 public:
  // ---- writing (simt/) ----
  void block(std::uint32_t operation, LaneMask mask) {
    const bool changes = mask != written_mask_;
    words_.push_back(word(TraceTag::kBlock, operation, changes));
    if (!changes) return;
    written_mask_ = mask;
    words_.push_back(mask);
  }
  void access(const Operation& operation, Warp& warp);
  void release() { words_.push_back(word(TraceTag::kRelease, 0, false)); }
  void finish() { finished_ = true; }
  /// Forgets what was read, keeping the memory.
  void compact();
  void clear();

  // ---- reading (timing/) ----
  /// Words written and not yet read.
  [[nodiscard]] std::size_t unread() const { return words_.size() - read_; }
  [[nodiscard]] bool finished() const { return finished_; }
  /// The next record's tag; there must be one.
  [[nodiscard]] TraceTag next() const { return static_cast<TraceTag>(words_[read_] & 3U); }
  /// Takes a block: its first operation. The lanes are `mask()` until the next block.
  std::uint32_t take_block() {
    const std::uint64_t head = words_[read_++];
    if ((head & kFlag) != 0) mask_ = words_[read_++];
    return static_cast<std::uint32_t>(head >> 8U);
  }
  [[nodiscard]] LaneMask mask() const { return mask_; }
  /// Takes an access into `access`, whose address array is filled only as far as there are lanes.
  void take_access(TracedAccess& access) {
    const std::uint64_t head = words_[read_++];
    access.shape = static_cast<Shape>(head >> 8U & 3U);
    access.bytes = static_cast<std::uint8_t>(head >> 16U);
    access.base = words_[read_++];
    if (access.shape == Shape::kVector)
      take_addresses(static_cast<unsigned>(head >> 24U & 15U), access);
    else if (access.shape == Shape::kAffine)
      access.stride = static_cast<std::int64_t>(words_[read_++]);
  }
  void take_release() { ++read_; }

 private:
  static constexpr std::uint64_t kFlag = 4;
  static std::uint64_t word(TraceTag tag, std::uint64_t value, bool flag) {
    return static_cast<std::uint64_t>(tag) | (flag ? kFlag : 0) | value << 8U;
  }
  void write_addresses(std::uint64_t head, const std::uint64_t* lanes, std::uint64_t offset,
                       LaneMask mask);
  void take_addresses(unsigned width, TracedAccess& access);

  std::vector<std::uint64_t> words_;
  std::size_t read_ = 0;
  LaneMask written_mask_ = 0;
  LaneMask mask_ = 0;
  bool finished_ = false;
};

}  // namespace isobar::simt
