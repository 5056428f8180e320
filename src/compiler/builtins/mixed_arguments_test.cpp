// A built-in function that branches on its argument is called by the work-items of a warp with
// arguments that take all its ways at once; each must get what it gets alone, in a work-group of
// one. Same bits: no tolerance. What the values are is math_test's matter.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "compiler/builtins/testing/kernel_runner.h"
#include "compiler/builtins/testing/math_oracle.h"

namespace isobar::compiler {
namespace {

constexpr std::size_t kCount = 512, kTogether = 64;

struct Type {
  const char* name;
  const char* bits;  // the unsigned integer of its size
  std::size_t bytes;
  double MathFunction::* limit;  // negative where a function has no such form
};
constexpr Type kTypes[] = {{"float", "uint", 4, &MathFunction::float_ulp},
                           {"double", "ulong", 8, &MathFunction::double_ulp},
                           {"half", "ushort", 2, &MathFunction::half_ulp}};

/// What is no f(x, ...) -> number: expressions of a, b, c of type T, the integer n, and v, w of T4.
constexpr const char* kOthers[] = {
    "lgamma(a)",       "lgamma_r(a, &m) + m", "sincos(a, &p) + p",    "fract(a, &p) + p",
    "modf(a, &p) + p", "frexp(a, &m) + m",    "remquo(a, b, &m) + m", "nextafter(a, b)",
    "(T)ilogb(a)",     "length(v)",           "distance(v, w)",       "dot(v, w)",
    "normalize(v).x",  "normalize(v).w",      "cross(v, w).y",        "smoothstep(a, b, c)",
    "mad(a, b, c)",    "(T)isequal(a, b)",    "(T)isunordered(a, b)", "(T)isnormal(a)",
    "(T)signbit(a)",   "bitselect(a, b, c)",  "select(a, b, (U)n)"};
/// Of a, b, c of the integer type U.
constexpr const char* kIntegers[] = {"abs_diff(a, b)",
                                     "add_sat(a, b)",
                                     "sub_sat(a, b)",
                                     "hadd(a, b)",
                                     "rhadd(a, b)",
                                     "clz(a)",
                                     "popcount(a)",
                                     "mul_hi(a, b)",
                                     "mad_hi(a, b, c)",
                                     "mad_sat(a, b, c)",
                                     "rotate(a, b)",
                                     "clamp(a, min(b, c), max(b, c))",
                                     "ctz(a)",
                                     "a / (b | 1)",
                                     "a % (b | 1)",
                                     "convert_@_sat(as_S(a))",
                                     "convert_@_sat((float)a * 3.0f)",
                                     "convert_@_sat_rtp((float)b)",
                                     "(U)convert_S_sat(a)",
                                     "(U)add_sat(as_S(a), as_S(b))",
                                     "(U)abs(as_S(a))",
                                     "(U)mul_hi(as_S(a), as_S(b))",
                                     "(U)mad_sat(as_S(a), as_S(b), as_S(c))"};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

struct Call {
  std::string expression, kernel;
};

std::vector<Call> calls_of(const Type& type) {
  std::vector<Call> calls;
  for (const MathFunction& f : math_functions()) {
    if (f.*type.limit < 0) continue;
    const char* arguments = f.shape == Shape::kOne     ? "(a)"
                            : f.shape == Shape::kTwo   ? "(a, b)"
                            : f.shape == Shape::kThree ? "(a, b, c)"
                                                       : "(a, n)";
    calls.push_back({f.name + arguments, {}});
  }
  for (const char* other : kOthers) calls.push_back({other, {}});
  for (std::size_t i = 0; i < calls.size(); ++i)
    calls[i].kernel = "f" + std::to_string(i) + "_" + type.name;
  return calls;
}

std::string kernel_of(const Call& call, const Type& type) {
  const std::string text =
      "kernel void NAME(global const T* x, global const int* ns, global T* out) {\n"
      "  size_t i = get_global_id(0);\n"
      "  T a = x[i], b = x[i + COUNT], c = x[i + 2 * COUNT], p = 0;\n"
      "  T4 v = (T4)(a, b, c, x[i + 3 * COUNT]), w = v.wzyx;\n"
      "  int n = ns[i], m = 0;\n"
      "  out[i] = EXPRESSION;\n}\n";
  return replaced(replaced(replaced(replaced(replaced(text, "NAME", call.kernel), "EXPRESSION",
                                             call.expression),
                                    "COUNT", std::to_string(kCount)),
                           "T", type.name),
                  "(U)", std::string("(") + type.bits + ")");
}

/// Half of the arguments small, where functions have their ways; half any bits.
std::vector<std::byte> arguments(const Type& type, std::size_t count, std::mt19937_64& random) {
  std::vector<std::byte> data(count * type.bytes);
  std::uniform_real_distribution<double> wide(-20, 20), narrow(-1.2, 1.2);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = random();
    if (i % 2 == 0) {
      const double value = i % 4 == 0 ? wide(random) : narrow(random);
      const auto single = static_cast<float>(value);
      const auto half = static_cast<_Float16>(value);
      if (type.bytes == 8) std::memcpy(&bits, &value, 8);
      if (type.bytes == 4) std::memcpy(&bits, &single, 4);
      if (type.bytes == 2) std::memcpy(&bits, &half, 2);
    }
    std::memcpy(data.data() + i * type.bytes, &bits, type.bytes);
  }
  return data;
}

void expect_same(KernelRunner& runner, const Call& call, std::size_t bytes,
                 const std::vector<std::vector<std::byte>>& inputs) {
  std::vector<std::vector<std::byte>> together(1, std::vector<std::byte>(kCount * bytes));
  auto alone = together;
  runner.run(call.kernel, kCount, kTogether, inputs, together);
  runner.run(call.kernel, kCount, 1, inputs, alone);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < kCount; ++i)
    differ += std::memcmp(&together[0][i * bytes], &alone[0][i * bytes], bytes) != 0 ? 1 : 0;
  EXPECT_EQ(differ, 0U) << call.expression << " in " << call.kernel << ", of " << kCount;
}

TEST(MixedArguments, OfMathematicsGiveEachWorkItemWhatItGetsAlone) {
  const auto runner = make_kernel_runner();
  for (const Type& type : kTypes) {
    if (type.bytes == 8 && !runner->has_double()) continue;
    if (type.bytes == 2 && !runner->has_half()) continue;
    std::string source = "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n";
    if (type.bytes == 2) source += "#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n";
    const std::vector<Call> calls = calls_of(type);
    for (const Call& call : calls) source += kernel_of(call, type);
    runner->build(source);
    std::mt19937_64 random(7);
    std::vector<std::vector<std::byte>> inputs{arguments(type, 4 * kCount, random),
                                               std::vector<std::byte>(4 * kCount)};
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto n = static_cast<std::int32_t>(random() % 13) - 6;
      std::memcpy(inputs[1].data() + 4 * i, &n, 4);
    }
    for (const Call& call : calls) expect_same(*runner, call, type.bytes, inputs);
  }
}

TEST(MixedArguments, OfIntegersGiveEachWorkItemWhatItGetsAlone) {
  const auto runner = make_kernel_runner();
  const Type types[] = {{"uchar", "char", 1, nullptr},
                        {"ushort", "short", 2, nullptr},
                        {"uint", "int", 4, nullptr},
                        {"ulong", "long", 8, nullptr}};
  for (const Type& type : types) {
    std::string source;
    std::vector<Call> calls;
    for (const char* expression : kIntegers) {
      const std::string text = replaced(
          replaced(replaced(replaced(expression, "(U)", std::string("(") + type.name + ")"), "as_S",
                            std::string("as_") + type.bits),
                   "convert_S", std::string("convert_") + type.bits),
          "@", type.name);
      calls.push_back({text, "g" + std::to_string(calls.size()) + "_" + type.name});
      source += replaced(
          replaced("kernel void " + calls.back().kernel +
                       "(global const T* x, global T* out) {\n  size_t i = get_global_id(0);\n"
                       "  T a = x[i], b = x[i + COUNT], c = x[i + 2 * COUNT];\n  out[i] = " +
                       text + ";\n}\n",
                   "COUNT", std::to_string(kCount)),
          "T", type.name);
    }
    runner->build(source);
    std::mt19937_64 random(8);
    std::vector<std::vector<std::byte>> inputs(1, std::vector<std::byte>(3 * kCount * type.bytes));
    for (std::byte& byte : inputs[0]) byte = static_cast<std::byte>(random());
    for (const Call& call : calls) expect_same(*runner, call, type.bytes, inputs);
  }
}

}  // namespace
}  // namespace isobar::compiler
