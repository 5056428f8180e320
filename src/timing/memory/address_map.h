// Which channel, slice, bank, row and column a line of memory lives in. Consecutive lines go to
// consecutive channels, and within a channel to consecutive bank groups. Upper bits are folded into
// the choice by exclusive or, so that strides by a power of two spread as well (the idea is that of
// permutation-based page interleaving: Zhang, Zhu, Zhang, MICRO-33, 2000). Every step is a
// bijection: two lines never share a place.
#pragma once

#include <cstdint>

#include "base/units.h"
#include "chip/chip.h"

namespace isobar::timing {

/// A line's channel, and its number among the lines of that channel.
struct ChannelLine {
  std::uint32_t channel = 0;
  std::uint64_t line = 0;
};
/// A channel's line among the lines of its slice.
struct SliceLine {
  std::uint32_t slice = 0;  // within the channel
  std::uint64_t line = 0;
};
struct DramPlace {
  std::uint32_t bank = 0;    // bank group in the low bits
  std::uint32_t column = 0;  // in lines
  std::uint64_t row = 0;
  friend bool operator==(const DramPlace&, const DramPlace&) = default;
};

class AddressMap {
 public:
  explicit AddressMap(const chip::Chip& chip);

  [[nodiscard]] ChannelLine channel_of(DeviceAddress line) const;
  [[nodiscard]] SliceLine slice_of(std::uint64_t channel_line) const;
  [[nodiscard]] DramPlace place_of(std::uint64_t channel_line) const;

  [[nodiscard]] std::uint32_t channels() const { return odd_channels_ << channel_bits_; }
  [[nodiscard]] std::uint32_t slices_per_channel() const { return slices_; }
  [[nodiscard]] std::uint32_t bank_groups() const { return 1U << group_bits_; }
  [[nodiscard]] std::uint32_t banks() const { return 1U << (group_bits_ + bank_bits_); }

 private:
  unsigned line_bits_;
  unsigned channel_bits_;  // channels = odd_channels_ << channel_bits_
  std::uint32_t odd_channels_;
  std::uint32_t slices_;
  unsigned group_bits_, bank_bits_, column_bits_;
};

/// Exclusive or of all `bits`-wide pieces of a value; 0 if `bits` is 0.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t value, unsigned bits) {
  if (bits == 0) return 0;
  std::uint64_t folded = 0;
  for (; value != 0; value >>= bits) folded ^= value;
  return folded & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace isobar::timing
