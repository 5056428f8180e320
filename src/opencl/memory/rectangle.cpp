#include "opencl/memory/rectangle.h"

#include <cstring>

namespace isobar::opencl {
namespace {

/// a * b + c, or nothing if that does not fit.
std::optional<std::size_t> multiply_add(std::size_t a, std::size_t b, std::size_t c) {
  std::size_t product = 0;
  std::size_t sum = 0;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(product, c, &sum)) return {};
  return sum;
}

std::size_t row_start(const Box& box, const Region& region, std::size_t row) {
  return box.start + row / region[1] * box.slice_pitch + row % region[1] * box.row_pitch;
}

}  // namespace

std::optional<Box> make_box(const std::size_t* origin, const Region& region, std::size_t row_pitch,
                            std::size_t slice_pitch) {
  if (region[0] == 0 || region[1] == 0 || region[2] == 0) return {};
  Box box;
  box.row_pitch = row_pitch == 0 ? region[0] : row_pitch;
  if (box.row_pitch < region[0]) return {};
  const auto slice = multiply_add(region[1], box.row_pitch, 0);
  if (!slice) return {};
  box.slice_pitch = slice_pitch == 0 ? *slice : slice_pitch;
  if (box.slice_pitch < *slice || box.slice_pitch % box.row_pitch != 0) return {};
  const auto row = multiply_add(origin[1], box.row_pitch, origin[0]);
  const auto start = row ? multiply_add(origin[2], box.slice_pitch, *row) : std::nullopt;
  if (!start) return {};
  box.start = *start;
  // The end must fit too, so that nobody needs to check again.
  const auto last_slice = multiply_add(region[2], box.slice_pitch, *start);
  if (!last_slice) return {};
  return box;
}

std::size_t end_of(const Box& box, const Region& region) {
  return row_start(box, region, region[1] * region[2] - 1) + region[0];
}

bool overlap(const Box& a, const Box& b, const Region& region) {
  // Rows of a box come in rising order, so the two lists are merged.
  const std::size_t rows = region[1] * region[2];
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows && j < rows) {
    const std::size_t in_a = row_start(a, region, i);
    const std::size_t in_b = row_start(b, region, j);
    if (in_a < in_b + region[0] && in_b < in_a + region[0]) return true;
    if (in_a < in_b)
      ++i;
    else
      ++j;
  }
  return false;
}

void copy_box(std::byte* to, const Box& to_box, const std::byte* from, const Box& from_box,
              const Region& region) {
  for (std::size_t row = 0; row < region[1] * region[2]; ++row)
    std::memmove(to + row_start(to_box, region, row), from + row_start(from_box, region, row),
                 region[0]);
}

}  // namespace isobar::opencl
