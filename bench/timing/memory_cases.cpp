#include "bench/timing/memory_cases.h"

#include <fmt/format.h>

#include <algorithm>

namespace isobar::bench {
namespace {

constexpr std::uint64_t kFloat = 4;
constexpr std::uint64_t kGroup = 64;
constexpr int kTimes = 12;  // that a sequence is repeated, unless said

using Launches = std::vector<MemoryLaunch>;

Launches repeated(const Launches& sequence, int times = kTimes) {
  Launches all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), sequence.begin(), sequence.end());
  return all;
}

Launches joined(std::initializer_list<Launches> parts) {
  Launches all;
  for (const Launches& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::uint32_t mask_of(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(bytes / kFloat - 1);
}

/// Sizes that a buffer may have, by what it overflows.
struct Sizes {
  std::uint64_t l1, l2;
  [[nodiscard]] std::uint64_t within_l1() const { return l1 / 4; }
  [[nodiscard]] std::uint64_t within_l2() const { return l2 / 4; }
  [[nodiscard]] std::uint64_t beyond() const { return l2 * 4; }
  [[nodiscard]] std::uint64_t far_beyond() const { return l2 * 16; }
};

MemoryLaunch scale(int buffer, std::uint64_t bytes) {
  return {"scale", {buffer}, bytes / kFloat, {}};
}
MemoryLaunch copy(int from, int to, std::uint64_t bytes) {
  return {"copy", {from, to}, bytes / kFloat, {}};
}

/// One buffer, or two that take turns.
void add_in_place(const Sizes& s, std::vector<MemoryCase>& cases) {
  for (const auto& [name, bytes] :
       {std::pair{"first level", s.within_l1()}, std::pair{"second level", s.within_l2()},
        std::pair{"beyond", s.beyond()}, std::pair{"far beyond", s.far_beyond()}})
    cases.push_back({fmt::format("in place, {}", name), {bytes}, repeated({scale(0, bytes)})});
  for (const auto& [name, bytes] :
       {std::pair{"second level", s.within_l2()}, std::pair{"beyond", s.beyond()}}) {
    cases.push_back({fmt::format("ping-pong, {}", name),
                     {bytes, bytes},
                     repeated({copy(0, 1, bytes), copy(1, 0, bytes)}, kTimes / 2)});
    cases.push_back({fmt::format("stream, {}", name),
                     {bytes, bytes, bytes},
                     repeated({{"add", {0, 1, 2}, bytes / kFloat, {}}})});
  }
}

/// Several kernels that use each other's buffers.
void add_sequences(const Sizes& s, std::vector<MemoryCase>& cases) {
  for (const auto& [name, n] :
       {std::pair{"second level", s.within_l2() / 2}, std::pair{"beyond", s.beyond()}}) {
    const std::uint64_t items = n / kFloat;
    cases.push_back({fmt::format("producer and consumer, {}", name),
                     {n, n, n, n},
                     repeated({scale(0, n),
                               {"add", {0, 1, 2}, items, {}},
                               {"sum_groups", {2, 3}, items, {}},
                               {"stencil", {2, 1}, items, {128}}},
                              6)});
  }
  const std::uint64_t small = s.within_l2(), big = s.beyond();
  cases.push_back({"big, small, big", {big, small}, repeated({scale(0, big), scale(1, small)}, 8)});
  cases.push_back({"small twice, big",
                   {big, small},
                   repeated({scale(1, small), scale(1, small), copy(0, 0, big)}, 6)});
  // Each buffer fits, all of them do not.
  const std::uint64_t part = s.l2 * 3 / 4;
  Launches around;
  for (int i = 0; i < 4; ++i) around.push_back(scale(i, part));
  cases.push_back({"four in turn", std::vector<std::uint64_t>(4, part), repeated(around, 6)});
  // The same launches, first in place and then around: what they find differs.
  cases.push_back({"in place, then in turn", std::vector<std::uint64_t>(4, part),
                   joined({repeated({scale(0, part)}, 12), repeated(around, 6)})});
  cases.push_back({"in turn, then in place", std::vector<std::uint64_t>(4, part),
                   joined({repeated(around, 4), repeated({scale(1, part)}, 12)})});
  // Something new after many launches, most of which nothing saw.
  cases.push_back({"one buffer, then another",
                   {big, big},
                   joined({repeated({scale(0, big)}, 30), repeated({scale(1, big)}, 30)})});
  cases.push_back({"a novelty after 120",
                   {small, big},
                   joined({repeated({scale(0, small)}, 120), repeated({copy(1, 1, big)}, 1),
                           repeated({scale(0, small)}, 40)})});
}

/// Addresses that depend on data, or jump.
void add_irregular(const Sizes& s, std::vector<MemoryCase>& cases) {
  const std::uint64_t out = s.beyond() / 2, items = out / kFloat;
  for (const auto& [name, bytes] :
       {std::pair{"first level", s.within_l1() / 4}, std::pair{"second level", s.within_l2()},
        std::pair{"beyond", s.beyond()}}) {
    cases.push_back({fmt::format("gather, {}", name),
                     {bytes, out},
                     repeated({{"gather", {0, 1}, items, {mask_of(bytes)}}}, 8)});
    cases.push_back({fmt::format("scatter, {}", name),
                     {out, bytes},
                     repeated({{"scatter", {0, 1}, items, {mask_of(bytes)}}}, 8)});
    cases.push_back({fmt::format("histogram, {}", name),
                     {out / 4, bytes},
                     repeated({{"histogram", {0, 1}, items / 4, {mask_of(bytes)}}}, 8)});
    cases.push_back({fmt::format("strided, {}", name),
                     {bytes, out},
                     repeated({{"strided", {0, 1}, items, {33, mask_of(bytes)}}}, 8)});
  }
  for (const auto& [name, bytes] :
       {std::pair{"second level", s.within_l2()}, std::pair{"beyond", s.beyond()}}) {
    cases.push_back({fmt::format("transpose, {}", name),
                     {bytes, bytes},
                     repeated({{"transpose", {0, 1}, bytes / kFloat, {256}},
                               {"transpose", {1, 0}, bytes / kFloat, {256}}},
                              5)});
    cases.push_back({fmt::format("rows, {}", name),
                     {bytes, bytes / 16},
                     repeated({{"rows", {0, 1}, bytes / kFloat / 16, {16}}})});
  }
}

/// Data that come back within a launch.
void add_reuse(const Sizes& s, std::vector<MemoryCase>& cases) {
  const std::uint64_t bytes = s.beyond(), items = bytes / kFloat;
  cases.push_back(
      {"stencil, wide",
       {bytes, bytes},
       repeated({{"stencil", {0, 1}, items, {4096}}, {"stencil", {1, 0}, items, {4096}}}, 5)});
  cases.push_back(
      {"sum of groups", {bytes, bytes / kGroup}, repeated({{"sum_groups", {0, 1}, items, {}}})});
  cases.push_back({"pieces again and again",
                   {bytes, bytes / 4},
                   repeated({{"again", {0, 1}, items / 4, {256, 4}}}, 6)});
  cases.push_back({"one table for all, second level",
                   {s.within_l2(), bytes / 2},
                   repeated({{"look_up_all",
                              {0, 1},
                              items / 2,
                              {static_cast<std::uint32_t>(s.within_l2() / kFloat / 8)}}},
                            6)});
  constexpr std::uint32_t kSide = 128;
  const std::uint64_t matrix = std::uint64_t{kSide} * kSide * kFloat;
  cases.push_back({"matrix product",
                   {matrix, matrix, matrix},
                   repeated({{"multiply", {0, 1, 2}, std::uint64_t{kSide} * kSide, {kSide}}}, 3)});
  cases.push_back({"arithmetic", {bytes, bytes}, repeated({{"polynomial", {0, 1}, items, {}}}, 6)});
  cases.push_back({"private arrays",
                   {bytes / 16, bytes / 16},
                   repeated({{"spill", {0, 1}, items / 16, {}}}, 6)});
}

}  // namespace

std::vector<MemoryCase> memory_cases(std::uint64_t l1, std::uint64_t l2) {
  const Sizes sizes{l1, l2};
  std::vector<MemoryCase> cases;
  add_in_place(sizes, cases);
  add_sequences(sizes, cases);
  add_irregular(sizes, cases);
  add_reuse(sizes, cases);
  return cases;
}

void run_memory_case(const MemoryCase& what, Session& session) {
  std::vector<cl::Buffer> buffers;
  for (const std::uint64_t bytes : what.buffers) {
    const std::vector<float> ones(bytes / kFloat, 1.0F);
    buffers.push_back(session.buffer<float>(ones));
  }
  for (const MemoryLaunch& launch : what.launches) {
    cl::Kernel kernel = session.kernel("memory", launch.kernel.c_str());
    cl_uint argument = 0;
    for (const int buffer : launch.buffers)
      kernel.setArg(argument++, buffers[static_cast<std::size_t>(buffer)]);
    if (launch.kernel == "sum_groups") kernel.setArg(argument++, cl::Local(kGroup * kFloat));
    for (const std::uint32_t number : launch.numbers) kernel.setArg(argument++, number);
    session.queue().enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(launch.items),
                                         cl::NDRange(kGroup));
  }
  session.queue().finish();
}

}  // namespace isobar::bench
