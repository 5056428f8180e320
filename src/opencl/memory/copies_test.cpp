// Copies of structs and unions between all address spaces. LLVM names a copy after the spaces it
// goes between; on the device there is one space, and copies that shared a name were once lost.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

using testing::ElementsAreArray;

class Copies : public OpenClTest {};

// A copy is long enough to become a call of LLVM's memcpy, and an element is changed in between at
// a place that the compiler does not know, so that neither side is taken apart into scalars.
constexpr int kWords = 12;
constexpr char kPreamble[] = R"(
typedef struct { int v[12]; } block;
constant block table = {{100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111}};
#define COPY(to, from, step) to = from; barrier(CLK_LOCAL_MEM_FENCE); to.v[step % n] += step;
kernel void k(global block* out, global block* in, int n) {
  local block l[2];
  block p[2];
  p[n % 2] = table;
  l[n % 2] = in[0];
)";

struct Step {
  const char* to;
  const char* from;
};
constexpr Step kSteps[] = {
    {"p[0]", "p[1]"},  {"p[1]", "l[0]"},   {"p[0]", "in[1]"}, {"l[1]", "table"},
    {"l[0]", "p[1]"},  {"l[1]", "l[0]"},   {"in[0]", "l[1]"}, {"in[1]", "p[0]"},
    {"l[0]", "in[0]"}, {"in[2]", "in[1]"}, {"p[1]", "table"}, {"in[1]", "table"},
};

using Block = std::array<int, kWords>;

/// What a step does, on the host.
struct Memory {
  std::array<Block, 2> p{}, l{};
  std::array<Block, 3> in{};
  Block table{};

  Block& at(const std::string& name) {
    if (name == "table") return table;
    const auto index = static_cast<std::size_t>(name[name.find('[') + 1] - '0');
    if (name[0] == 'p') return p.at(index);
    return name[0] == 'l' ? l.at(index) : in.at(index);
  }
};

TEST_F(Copies, OfAStructArriveWhicheverPairOfSpacesComesFirst) {
  constexpr int n = 7;
  for (std::size_t first = 0; first < std::size(kSteps); first += 3) {
    std::vector<Step> steps(std::begin(kSteps), std::end(kSteps));
    std::ranges::rotate(steps, steps.begin() + static_cast<std::ptrdiff_t>(first));
    std::string source = kPreamble;
    Memory memory;
    std::iota(memory.table.begin(), memory.table.end(), 100);
    std::vector<int> in(3 * kWords);
    std::iota(in.begin(), in.end(), 1000);
    for (std::size_t i = 0; i < in.size(); ++i) memory.in.at(i / kWords).at(i % kWords) = in[i];
    // Both elements have values before any is read.
    source += "  p[(n + 1) % 2] = in[1]; l[(n + 1) % 2] = in[2]; barrier(CLK_LOCAL_MEM_FENCE);\n";
    memory.p = {memory.in[1], memory.table};
    memory.l = {memory.in[2], memory.in[0]};
    for (std::size_t s = 0; s < steps.size(); ++s) {
      source += std::string("  COPY(") + steps[s].to + ", " + steps[s].from + ", " +
                std::to_string(s + 1) + ")\n";
      memory.at(steps[s].to) = memory.at(steps[s].from);
      memory.at(steps[s].to).at((s + 1) % n) += static_cast<int>(s + 1);
    }
    source += "  out[0] = p[0]; out[1] = p[1]; out[2] = l[0]; out[3] = l[1];\n}\n";
    cl_kernel kernel = kernel_of(source.c_str(), "k");
    cl_mem blocks = buffer_of(in);
    cl_mem out = buffer_of(std::vector<int>(std::size_t{4} * kWords, -1));
    set(kernel, 0, out);
    set(kernel, 1, blocks);
    set(kernel, 2, n);
    ASSERT_EQ(launch(kernel, 1, 1), CL_SUCCESS);
    std::vector<int> expected;
    for (const auto& block : {memory.p[0], memory.p[1], memory.l[0], memory.l[1]})
      expected.insert(expected.end(), block.begin(), block.end());
    EXPECT_THAT(read<int>(out, expected.size()), ElementsAreArray(expected)) << source;
    expected.clear();
    for (const auto& block : memory.in) expected.insert(expected.end(), block.begin(), block.end());
    EXPECT_THAT(read<int>(blocks, expected.size()), ElementsAreArray(expected)) << source;
  }
}

TEST_F(Copies, OfAUnionByValueAddUp) {
  constexpr char kSource[] = R"(
typedef union { struct { float x, y; }; struct { float p, q; }; } pair;
pair make(float x, float y) { pair z; z.x = x; z.y = y; return z; }
pair plus(pair a, pair b) { return make(a.x + b.x, a.y + b.y); }
kernel void k(global pair* o, global pair* a) {
  int i = get_global_id(0);
  pair z = make(0, 0);
  z = plus(z, a[i]);
  o[i] = z;
})";
  const std::vector<float> in{1, 2, 3, 4, 5, 6, 7, 8};
  cl_kernel kernel = kernel_of(kSource, "k");
  cl_mem out = buffer_of(std::vector<float>(in.size(), -1));
  set(kernel, 0, out);
  set(kernel, 1, buffer_of(in));
  ASSERT_EQ(launch(kernel, in.size() / 2), CL_SUCCESS);
  EXPECT_THAT(read<float>(out, in.size()), ElementsAreArray(in));
}

}  // namespace
}  // namespace isobar::opencl::test
