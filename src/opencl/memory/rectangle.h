// Boxes of bytes inside a linear memory, as the rectangular transfers have them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

namespace isobar::opencl {

struct Box {
  std::size_t start = 0;  // of the first row
  std::size_t row_pitch = 0, slice_pitch = 0;
};
using Region = std::array<std::size_t, 3>;  // bytes in a row, rows, slices

/// Zero pitches become those of a packed box. Nothing if a pitch is too small for the region (or
/// not a whole number of rows), the region is empty, or an offset does not fit into size_t.
[[nodiscard]] std::optional<Box> make_box(const std::size_t* origin, const Region& region,
                                          std::size_t row_pitch, std::size_t slice_pitch);
/// One past the last byte.
[[nodiscard]] std::size_t end_of(const Box& box, const Region& region);
/// Whether two boxes of one memory share a byte.
[[nodiscard]] bool overlap(const Box& a, const Box& b, const Region& region);
/// Row by row; rows may be copied to where they are, but must not overlap others in memory.
void copy_box(std::byte* to, const Box& to_box, const std::byte* from, const Box& from_box,
              const Region& region);

}  // namespace isobar::opencl
