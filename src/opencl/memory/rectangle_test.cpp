#include "opencl/memory/rectangle.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>
#include <vector>

namespace isobar::opencl {
namespace {

std::set<std::size_t> bytes_of(const Box& box, const Region& region) {
  std::set<std::size_t> bytes;
  for (std::size_t z = 0; z < region[2]; ++z)
    for (std::size_t y = 0; y < region[1]; ++y)
      for (std::size_t x = 0; x < region[0]; ++x)
        bytes.insert(box.start + z * box.slice_pitch + y * box.row_pitch + x);
  return bytes;
}

TEST(Rectangle, ZeroPitchesMeanAPackedBox) {
  const std::size_t origin[3] = {1, 2, 3};
  const auto box = make_box(origin, {4, 5, 6}, 0, 0);
  ASSERT_TRUE(box);
  EXPECT_EQ(box->row_pitch, 4U);
  EXPECT_EQ(box->slice_pitch, 20U);
  EXPECT_EQ(box->start, 69U);
  EXPECT_EQ(end_of(*box, {4, 5, 6}), 69U + 120U);
}

TEST(Rectangle, WrongPitchesAndOverflowAreRefused) {
  const std::size_t origin[3] = {0, 0, 0};
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_FALSE(make_box(origin, {4, 4, 1}, 3, 0));
  EXPECT_FALSE(make_box(origin, {4, 4, 2}, 4, 15));
  EXPECT_FALSE(make_box(origin, {4, 4, 2}, 4, 17));
  EXPECT_FALSE(make_box(origin, {0, 4, 1}, 4, 0));
  EXPECT_FALSE(make_box(origin, {kMost, kMost, 1}, 0, 0));
  const std::size_t far[3] = {1, kMost / 2, 4};
  EXPECT_FALSE(make_box(far, {4, 4, 1}, 64, 0));
}

TEST(Rectangle, OverlapAgreesWithTheSetOfBytes) {
  std::mt19937 random(7);
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  int overlapping = 0;
  for (int i = 0; i < 3000; ++i) {
    const Region region{1 + pick(4), 1 + pick(4), 1 + pick(3)};
    const std::size_t row = region[0] + pick(5);
    const std::size_t slice = row * (region[1] + pick(3));
    const std::size_t origins[2][3] = {{pick(8), pick(4), pick(3)}, {pick(8), pick(4), pick(3)}};
    const auto a = make_box(origins[0], region, row, slice);
    const auto b = make_box(origins[1], region, row, slice);
    ASSERT_TRUE(a && b);
    const auto in_a = bytes_of(*a, region);
    const auto in_b = bytes_of(*b, region);
    bool expected = false;
    for (const std::size_t byte : in_a) expected = expected || in_b.contains(byte);
    overlapping += expected ? 1 : 0;
    ASSERT_EQ(overlap(*a, *b, region), expected) << i;
    ASSERT_EQ(end_of(*a, region), *in_a.rbegin() + 1);
  }
  EXPECT_GT(overlapping, 300);
  EXPECT_LT(overlapping, 2700);
}

TEST(Rectangle, CopyMovesTheRegionAndNothingElse) {
  std::vector<std::byte> from(64);
  std::vector<std::byte> to(64, std::byte{0xEE});
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>(i);
  const std::size_t at[3] = {1, 1, 1};
  const std::size_t zero[3] = {0, 0, 0};
  const Region region{2, 2, 2};
  const auto source = make_box(at, region, 4, 16);
  const auto target = make_box(zero, region, 0, 0);
  copy_box(to.data(), *target, from.data(), *source, region);
  const std::vector<int> expected{21, 22, 25, 26, 37, 38, 41, 42};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(std::to_integer<int>(to[i]), expected[i]);
  for (std::size_t i = 8; i < 64; ++i) EXPECT_EQ(to[i], std::byte{0xEE});
}

}  // namespace
}  // namespace isobar::opencl
