// Functions of several work-items: ids, barriers, atomics, asynchronous copies, and what
// work-groups and sub-groups compute together, at group sizes that leave the last warp half empty.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>

#include "compiler/builtins/testing/kernel_runner.h"

namespace isobar::compiler {
namespace {

using Bytes = std::vector<std::byte>;

template <class T>
std::vector<T> run(const std::string& source, const std::string& kernel, std::size_t count,
                   std::size_t local, std::size_t results, const std::vector<T>& input) {
  auto runner = make_kernel_runner();
  runner->build(source);
  Bytes in(input.size() * sizeof(T));
  std::memcpy(in.data(), input.data(), in.size());
  const std::vector<Bytes> inputs = {in};
  std::vector<Bytes> outputs(1, Bytes(results * sizeof(T)));
  runner->run(kernel, count, local, inputs, outputs);
  std::vector<T> values(results);
  std::memcpy(values.data(), outputs[0].data(), outputs[0].size());
  return values;
}

std::vector<std::int32_t> scrambled(std::size_t count) {
  std::vector<std::int32_t> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<std::int32_t>(i * 2654435761u % 1000) - 500;
  return values;
}

constexpr std::size_t kGroup = 44;  // one full warp of 32 and one of 12
constexpr std::size_t kGroups = 3;

TEST(Groups, WorkItemsKnowWhereTheyAre) {
  const auto out = run<std::int32_t>(R"(
__kernel void where(__global const int* in, __global int* out) {
  out += 12 * get_global_id(0);
  uint three = (uint)in[0] + 3;
  out[0] = get_global_id(0); out[1] = get_local_id(0); out[2] = get_group_id(0);
  out[3] = get_local_size(0); out[4] = get_num_groups(0); out[5] = get_global_size(0);
  out[6] = get_work_dim(); out[7] = get_global_id(three) + get_local_id(1);
  out[8] = get_global_size(three) + get_local_size(1) + get_num_groups(three);
  out[9] = get_global_linear_id(); out[10] = get_local_linear_id(); out[11] = get_global_offset(0);
})",
                                     "where", kGroup * kGroups, kGroup, 12 * kGroup * kGroups, {0});
  for (std::size_t i = 0; i < kGroup * kGroups; ++i) {
    const std::size_t expected[] = {i, i % kGroup, i / kGroup, kGroup, kGroups,    kGroup * kGroups,
                                    1, 0,          3,          i,      i % kGroup, 0};
    for (std::size_t k = 0; k < 12; ++k)
      EXPECT_EQ(out[12 * i + k], static_cast<std::int32_t>(expected[k]))
          << "item " << i << " " << k;
  }
}

TEST(Groups, WorkGroupFunctionsCombineAllWarps) {
  const auto in = scrambled(kGroup * kGroups);
  const auto out = run<std::int32_t>(R"(
__kernel void collect(__global const int* in, __global int* out) {
  size_t i = get_global_id(0);
  out += 12 * i;
  out[0] = work_group_reduce_add(in[i]); out[1] = work_group_reduce_min(in[i]);
  out[2] = work_group_reduce_max(in[i]); out[3] = work_group_scan_inclusive_add(in[i]);
  out[4] = work_group_scan_exclusive_add(in[i]); out[5] = work_group_scan_inclusive_max(in[i]);
  out[6] = work_group_scan_exclusive_min(in[i]); out[7] = work_group_broadcast(in[i], 40);
  out[8] = work_group_all(in[i] > -501); out[9] = work_group_all(in[i] != in[get_group_id(0) * 44 + 43]);
  out[10] = work_group_any(in[i] == in[get_group_id(0) * 44 + 43]); out[11] = work_group_any(in[i] > 500);
})",
                                     "collect", in.size(), kGroup, 12 * in.size(), in);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto first = in.begin() + static_cast<std::ptrdiff_t>(i / kGroup * kGroup);
    const auto last = first + kGroup, here = in.begin() + static_cast<std::ptrdiff_t>(i);
    const std::int32_t before = std::accumulate(first, here, 0);
    const std::int32_t expected[] = {std::accumulate(first, last, 0),
                                     *std::min_element(first, last),
                                     *std::max_element(first, last),
                                     before + *here,
                                     before,
                                     *std::max_element(first, here + 1),
                                     here == first ? INT32_MAX : *std::min_element(first, here),
                                     first[40],
                                     1,
                                     0,
                                     1,
                                     0};
    for (int k = 0; k < 12; ++k)
      ASSERT_EQ(out[12 * i + static_cast<std::size_t>(k)], expected[k])
          << "item " << i << " function " << k;
  }
}

TEST(Groups, SubGroupFunctionsStayInsideAWarp) {
  const auto in = scrambled(kGroup * kGroups);
  const auto out = run<std::int32_t>(R"(
__kernel void collect(__global const int* in, __global int* out) {
  size_t i = get_global_id(0);
  out += 14 * i;
  out[0] = get_sub_group_id(); out[1] = get_sub_group_local_id(); out[2] = get_sub_group_size();
  out[3] = get_num_sub_groups(); out[4] = sub_group_reduce_add(in[i]);
  out[5] = sub_group_scan_inclusive_add(in[i]); out[6] = sub_group_scan_exclusive_max(in[i]);
  out[7] = sub_group_broadcast(in[i], 5); out[8] = sub_group_shuffle_xor(in[i], 1);
  uint4 b = sub_group_ballot(in[i] > 0);
  out[9] = sub_group_ballot_bit_count(b); out[10] = sub_group_ballot_exclusive_scan(b);
  out[11] = sub_group_all(in[i] > -501); out[12] = sub_group_any(in[i] > 500);
  out[13] = get_max_sub_group_size();
})",
                                     "collect", in.size(), kGroup, 14 * in.size(), in);
  const auto warp = static_cast<std::size_t>(out[13]);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t local = i % kGroup, lane = local % warp;
    const std::size_t size = std::min(warp, kGroup - (local - lane));
    const auto first = in.begin() + static_cast<std::ptrdiff_t>(i - lane);
    const auto last = first + static_cast<std::ptrdiff_t>(size);
    const auto here = in.begin() + static_cast<std::ptrdiff_t>(i);
    const auto positive = [](std::int32_t v) { return v > 0; };
    const auto as_int = [](auto v) { return static_cast<std::int32_t>(v); };
    const std::int32_t expected[] = {
        as_int(local / warp),
        as_int(lane),
        as_int(size),
        as_int((kGroup + warp - 1) / warp),
        std::accumulate(first, last, 0),
        std::accumulate(first, here + 1, 0),
        here == first ? INT32_MIN : *std::max_element(first, here),
        first[5],
        (lane ^ 1) < size ? first[static_cast<std::ptrdiff_t>(lane ^ 1)] : *here,
        as_int(std::count_if(first, last, positive)),
        as_int(std::count_if(first, here, positive)),
        1,
        0};
    for (std::size_t k = 0; k < 13; ++k)
      ASSERT_EQ(out[14 * i + k], expected[k]) << "item " << i << " function " << k;
  }
}

TEST(Groups, AtomicsLoseNothing) {
  const std::size_t count = 256;
  const auto out = run<std::int32_t>(R"(
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
__kernel void count_up(__global const int* in, __global int* out) {
  __local int here;
  int me = (int)get_global_id(0);
  if (get_local_id(0) == 0) here = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  atomic_add(&out[0], me);
  atomic_inc((__global uint*)&out[1]);
  atomic_max(&out[2], me);
  atomic_min(&out[3], -me);
  atomic_or(&out[4], 1 << (me & 7));
  atomic_xor(&out[5], me);
  atomic_fetch_add_explicit((__global atomic_float*)&out[6], 0.5f, memory_order_relaxed,
                            memory_scope_device);
  atomic_inc(&here);
  int old = out[7], seen;
  do { seen = old; old = atomic_cmpxchg(&out[7], seen, seen + 2); } while (old != seen);
  atom_add((__global long*)&out[8], (long)me << 32 | 1);
  atomic_fetch_sub((__global atomic_int*)&out[10], 3);
  barrier(CLK_LOCAL_MEM_FENCE);
  if (get_local_id(0) == 0) atomic_add(&out[11], here);
})",
                                     "count_up", count, 64, 12, {0});
  const int sum = static_cast<int>(count * (count - 1) / 2);
  float half_each;
  std::memcpy(&half_each, &out[6], 4);
  const std::int32_t expected[] = {sum, 256, 255, -255, 255, 0};
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(out[k], expected[k]) << "function " << k;
  EXPECT_EQ(half_each, 128.0f);
  EXPECT_EQ(out[7], 512);
  EXPECT_EQ(out[8], 256);
  EXPECT_EQ(out[9], sum);
  EXPECT_EQ(out[10], -768);
  EXPECT_EQ(out[11], 256);
}

TEST(Groups, CopiesBetweenGlobalAndLocalMemoryArriveAndKeepTheirStride) {
  const auto in = scrambled(3 * 100);
  const auto out = run<std::int32_t>(R"(
__kernel void copy(__global const int* in, __global int* out) {
  __local int straight[100], gathered[100];
  event_t e = async_work_group_copy(straight, in, 100, 0);
  e = async_work_group_strided_copy(gathered, in, 100, 3, e);
  wait_group_events(1, &e);
  e = async_work_group_copy(out, straight, 100, 0);
  e = async_work_group_copy(out + 100, gathered, 100, e);
  e = async_work_group_strided_copy(out + 200, gathered, 100, 2, e);
  wait_group_events(1, &e);
})",
                                     "copy", 40, 40, 400, in);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(out[i], in[i]);
    EXPECT_EQ(out[100 + i], in[3 * i]);
    EXPECT_EQ(out[200 + 2 * i], in[3 * i]);
  }
}

}  // namespace
}  // namespace isobar::compiler
