// Every mathematical function, in every floating-point type, against the host: all pairs of special
// values (zeros, subnormals, the edges of the range), and of the other arguments half from the
// function's interesting range and half any bit pattern. The sign of a zero counts. Vector forms
// must give the same bits as scalar ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>

#include "compiler/builtins/testing/kernel_runner.h"
#include "compiler/builtins/testing/math_oracle.h"

namespace isobar::compiler {
namespace {

constexpr std::size_t kSpecials = 64;                      // of a type; all their pairs are tried
constexpr std::size_t kCount = 2 * kSpecials * kSpecials;  // arguments of one function

struct Type {
  const char* name;
  std::size_t bytes;
  int mantissa;      // bits behind the point
  int min_exponent;  // of the smallest normal number
  int max_exponent;
};
constexpr Type kHalf{"half", 2, 10, -14, 15};
constexpr Type kFloat{"float", 4, 23, -126, 127};
constexpr Type kDouble{"double", 8, 52, -1022, 1023};

Real decode(const Type& type, std::uint64_t bits) {
  const std::uint64_t fraction = bits & ((1ULL << type.mantissa) - 1);
  const int field = static_cast<int>((bits >> type.mantissa) &
                                     static_cast<std::uint64_t>(2 * type.max_exponent + 1));
  const bool negative = (bits >> (8 * type.bytes - 1)) & 1;
  Real value;
  if (field == 2 * type.max_exponent + 1)
    value =
        fraction ? std::numeric_limits<Real>::quiet_NaN() : std::numeric_limits<Real>::infinity();
  else if (field == 0)
    value = std::ldexp(static_cast<Real>(fraction), type.min_exponent - type.mantissa);
  else
    value = std::ldexp(static_cast<Real>(fraction | 1ULL << type.mantissa),
                       field - type.max_exponent - type.mantissa);
  return negative ? -value : value;
}

std::uint64_t encode(const Type& type, double value) {  // of numbers that any rounding will do for
  if (type.bytes == 8) return std::bit_cast<std::uint64_t>(value);
  if (type.bytes == 4) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return std::bit_cast<std::uint16_t>(static_cast<_Float16>(value));
}

std::uint64_t load(const std::vector<std::byte>& data, const Type& type, std::size_t index) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, data.data() + index * type.bytes, type.bytes);
  return bits;
}
void store(std::vector<std::byte>& data, const Type& type, std::size_t index, std::uint64_t bits) {
  std::memcpy(data.data() + index * type.bytes, &bits, type.bytes);
}

/// |got - reference| in units of the last place of the reference; 0 if they agree in kind.
Real ulp_error(const Type& type, Real got, Real reference) {
  if (std::isnan(reference) || std::isnan(got))
    return std::isnan(reference) && std::isnan(got) ? 0 : std::numeric_limits<Real>::infinity();
  const Real largest = std::ldexp(2 - std::ldexp(1.0L, -type.mantissa), type.max_exponent);
  if (std::isinf(got)) {  // infinity may stand for anything that rounds to it
    if (std::isinf(reference)) return got == reference ? 0 : std::numeric_limits<Real>::infinity();
    if (std::abs(reference) < largest) return std::numeric_limits<Real>::infinity();
    return std::signbit(got) == std::signbit(reference) ? 0 : std::abs(got);
  }
  if (std::isinf(reference) || std::abs(reference) > largest)
    reference = std::copysign(std::ldexp(1.0L, type.max_exponent + 1), reference);
  if (got == reference) return 0;
  const int exponent =
      reference == 0 ? type.min_exponent : std::max(std::ilogb(reference), type.min_exponent);
  return std::abs(got - reference) / std::ldexp(1.0L, exponent - type.mantissa);
}

/// Of either sign: zero, subnormals and what is next to them, small integers and their
/// neighbours, the largest number, infinity; and a NaN.
std::vector<std::uint64_t> specials(const Type& type) {
  const std::uint64_t sign = 1ULL << (8 * type.bytes - 1);
  const std::uint64_t normal = 1ULL << type.mantissa;
  std::vector<std::uint64_t> all;
  const auto add = [&](std::uint64_t bits) {
    all.push_back(bits);
    all.push_back(bits | sign);
  };
  for (const double v : {0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 100.0, 1e30,
                         std::numeric_limits<double>::infinity()})
    add(encode(type, v));
  const std::uint64_t one = encode(type, 1.0);
  const std::uint64_t infinity = encode(type, std::numeric_limits<double>::infinity());
  for (const std::uint64_t bits :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, normal / 8, normal / 2 + 1,
        normal - 1, normal, normal + 1, 2 * normal, 3 * normal, 9 * normal, one - 1, one + 1,
        encode(type, 0.01), encode(type, 1e-4), infinity - 1, infinity - normal,
        infinity - 3 * normal})
    add(bits);
  while (all.size() < kSpecials)
    all.push_back(encode(type, std::numeric_limits<double>::quiet_NaN()));
  return all;
}

constexpr std::int32_t kSpecialIntegers[] = {0,
                                             1,
                                             -1,
                                             2,
                                             -2,
                                             3,
                                             -3,
                                             4,
                                             5,
                                             -5,
                                             7,
                                             10,
                                             -10,
                                             31,
                                             std::numeric_limits<std::int32_t>::max(),
                                             std::numeric_limits<std::int32_t>::min()};

std::vector<std::byte> arguments(const Type& type, const MathFunction& f, std::size_t position,
                                 std::mt19937_64& random) {
  std::vector<std::byte> data(kCount * type.bytes);
  const auto special = specials(type);
  std::uniform_real_distribution<double> inside(f.low, f.high);
  for (std::size_t i = 0; i < kCount; ++i) {
    std::uint64_t bits = random();
    if (i % 2 == 0 || f.only_there) bits = encode(type, inside(random));
    if (!f.only_there && i < kSpecials * kSpecials)
      bits = special[position == 0 ? i % kSpecials : i / kSpecials];
    store(data, type, i, bits);
  }
  return data;
}
std::vector<std::byte> integers(std::mt19937_64& random) {
  std::vector<std::byte> data(kCount * 4);
  for (std::size_t i = 0; i < kCount; ++i) {
    auto n = i % 4 == 0 ? static_cast<std::int32_t>(random())
                        : static_cast<std::int32_t>(random() % 101) - 50;
    if (i < kSpecials * std::size(kSpecialIntegers)) n = kSpecialIntegers[i / kSpecials];
    std::memcpy(data.data() + 4 * i, &n, 4);
  }
  return data;
}

/// The standard leaves it open which zero a minimum of both is, and all of native_ and half_.
bool zeros_have_signs(const MathFunction& f) {
  return !f.name.starts_with("native_") && !f.name.starts_with("half_") &&
         std::ranges::count(std::array{"fmin", "fmax", "minmag", "maxmag", "clamp", "mix"},
                            f.name) == 0;
}

std::size_t operands(Shape shape) {
  return shape == Shape::kOne ? 1 : shape == Shape::kThree ? 3 : 2;
}

std::string kernel_source(const MathFunction& f, const Type& type) {
  const std::string t = type.name;
  std::string parameters, scalar, wide, three;
  for (std::size_t k = 0; k < operands(f.shape); ++k) {
    const std::string a(1, static_cast<char>('a' + k));
    const bool is_int = k == 1 && f.shape == Shape::kWithInt;
    parameters += "__global const " + (is_int ? std::string("int") : t) + "* " + a + ", ";
    const std::string comma = k ? ", " : "";
    scalar += comma + a + "[i]";
    wide += comma + "vload16(i / 16, " + a + ")";
    three += comma + "vload3(i / 3, " + a + ")";
  }
  return "__kernel void " + f.name + "_" + t + "(" + parameters + "__global " + t +
         "* one, __global " + t + "* many, __global " + t +
         "* threes) {\n  size_t i = get_global_id(0);\n  one[i] = " + f.name + "(" + scalar +
         ");\n  if (i % 16 == 0) vstore16(" + f.name + "(" + wide +
         "), i / 16, many);\n  if (i % 3 == 0 && i + 3 <= get_global_size(0)) vstore3(" + f.name +
         "(" + three + "), i / 3, threes);\n}\n";
}

void check(KernelRunner& runner, const Type& type, double MathFunction::* limit) {
  std::vector<MathFunction> functions = math_functions();
  std::erase_if(functions, [&](const MathFunction& f) { return f.*limit < 0; });
  std::string source = "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n";
  if (type.bytes == 2) source += "#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n";
  for (const auto& f : functions) source += kernel_source(f, type);
  runner.build(source);
  std::mt19937_64 random(20240607);
  for (const auto& f : functions) {
    std::vector<std::vector<std::byte>> inputs;
    for (std::size_t k = 0; k < operands(f.shape); ++k)
      inputs.push_back(k == 1 && f.shape == Shape::kWithInt ? integers(random)
                                                            : arguments(type, f, k, random));
    std::vector<std::vector<std::byte>> outputs(3, std::vector<std::byte>(kCount * type.bytes));
    runner.run(f.name + "_" + type.name, kCount, 0, inputs, outputs);
    Real worst = 0;
    std::string where = "-";
    std::size_t vector_differs = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      Real x[3] = {};
      for (std::size_t k = 0; k < inputs.size(); ++k) {
        if (k == 1 && f.shape == Shape::kWithInt) {
          std::int32_t n;
          std::memcpy(&n, inputs[k].data() + 4 * i, 4);
          x[k] = n;
        } else {
          x[k] = decode(type, load(inputs[k], type, i));
        }
      }
      const Real got = decode(type, load(outputs[0], type, i));
      const Real reference = f.oracle(x[0], x[1], x[2]);
      Real error = ulp_error(type, got, reference);
      if (got == 0 && error < 1 && std::signbit(got) != std::signbit(reference) &&
          zeros_have_signs(f))
        error = std::numeric_limits<Real>::infinity();
      if (error > worst) {
        worst = error;
        char text[160];
        std::snprintf(text, sizeof text, "(%.17Lg, %.17Lg) is %.17Lg, not %.17Lg", x[0], x[1], got,
                      reference);
        where = text;
      }
      for (std::size_t form = 1; form < 3; ++form) {
        if (form == 2 && i >= kCount / 3 * 3) continue;
        const Real other = decode(type, load(outputs[form], type, i));
        vector_differs += !((other == got && std::signbit(other) == std::signbit(got)) ||
                            (std::isnan(other) && std::isnan(got)));
      }
    }
    // A limit of 0 asks for correct rounding; the oracle itself is good to 2^-11 ULP of a double.
    const Real allowed = f.*limit == 0 ? 0.5005L : static_cast<Real>(f.*limit);
    std::printf("  %-13s %-6s %8.4Lf ULP of %g allowed\n", f.name.c_str(), type.name, worst,
                f.*limit);
    EXPECT_LE(worst, allowed) << f.name << where << " in " << type.name;
    EXPECT_EQ(vector_differs, 0u) << f.name << " in " << type.name;
  }
}

class Mathematics : public testing::Test {
 protected:
  void SetUp() override {
    runner_ = make_kernel_runner();
    std::printf("  device: %s\n", runner_->device().c_str());
  }
  std::unique_ptr<KernelRunner> runner_;
};

TEST_F(Mathematics, FloatFunctionsKeepTheStandardsUlp) {
  check(*runner_, kFloat, &MathFunction::float_ulp);
}
TEST_F(Mathematics, DoubleFunctionsKeepTheStandardsUlp) {
  if (!runner_->has_double()) GTEST_SKIP() << "the device has no double";
  check(*runner_, kDouble, &MathFunction::double_ulp);
}
TEST_F(Mathematics, HalfFunctionsKeepTheStandardsUlp) {
  if (!runner_->has_half()) GTEST_SKIP() << "the device has no half";
  check(*runner_, kHalf, &MathFunction::half_ulp);
}

// Lengths and the like of vectors of four, small, ordinary and close to overflow.
TEST_F(Mathematics, GeometryIsGoodToTheStandardsUlpAndDoesNotOverflow) {
  runner_->build(R"(
__kernel void geometry(__global const float* a, __global const float* b, __global float* out) {
  size_t i = get_global_id(0);
  float4 x = vload4(i, a), y = vload4(i, b), n = normalize(x), c = cross(x, y);
  out += 12 * i;
  out[0] = length(x); out[1] = distance(x, y); out[2] = dot(x, y); out[3] = length(x.xyz);
  vstore4(n, 1, out); vstore4(c, 2, out);
})");
  constexpr std::size_t kVectors = 1024;
  std::mt19937_64 random(17);
  std::uniform_real_distribution<float> inside(-1, 1);
  std::vector<std::vector<std::byte>> inputs(2, std::vector<std::byte>(16 * kVectors));
  std::vector<float> a(4 * kVectors), b(4 * kVectors), out(12 * kVectors);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int scale = i / 4 % 3 == 0 ? 0 : i / 4 % 3 == 1 ? 124 : -110;
    a[i] = std::ldexp(inside(random), scale);
    b[i] = std::ldexp(inside(random), scale);
  }
  std::memcpy(inputs[0].data(), a.data(), inputs[0].size());
  std::memcpy(inputs[1].data(), b.data(), inputs[1].size());
  std::vector<std::vector<std::byte>> outputs(1, std::vector<std::byte>(4 * out.size()));
  runner_->run("geometry", kVectors, 0, inputs, outputs);
  std::memcpy(out.data(), outputs[0].data(), outputs[0].size());
  for (std::size_t i = 0; i < kVectors; ++i) {
    Real square = 0, square3 = 0, apart = 0, dot = 0, magnitude = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const Real x = a[4 * i + k], y = b[4 * i + k];
      square += x * x;
      if (k < 3) square3 += x * x;
      apart += (x - y) * (x - y);
      dot += x * y;
      magnitude += std::abs(x * y);
    }
    const float* o = &out[12 * i];
    EXPECT_LE(ulp_error(kFloat, static_cast<Real>(o[0]), std::sqrt(square)), 5)
        << i;  // 3 + 0.5 * 4
    EXPECT_LE(ulp_error(kFloat, static_cast<Real>(o[1]), std::sqrt(apart)), 7.5)
        << i;  // and that of the difference
    EXPECT_LE(ulp_error(kFloat, static_cast<Real>(o[3]), std::sqrt(square3)), 4.5) << i;
    for (std::size_t k = 0; k < 4; ++k)  // 2 + n
      EXPECT_LE(ulp_error(kFloat, static_cast<Real>(o[4 + k]),
                          static_cast<Real>(a[4 * i + k]) / std::sqrt(square)),
                6)
          << i;
    if (i % 3 != 0) continue;  // products of huge or tiny numbers leave the range
    EXPECT_NEAR(o[2], static_cast<double>(dot), static_cast<double>(magnitude) * 0x1p-22) << i;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t p = (k + 1) % 3, q = (k + 2) % 3;
      const Real first = static_cast<Real>(a[4 * i + p]) * static_cast<Real>(b[4 * i + q]);
      const Real second = static_cast<Real>(a[4 * i + q]) * static_cast<Real>(b[4 * i + p]);
      EXPECT_NEAR(o[8 + k], static_cast<double>(first - second), 0x1p-22) << i;
    }
    EXPECT_EQ(o[11], 0) << i;
  }
}

}  // namespace
}  // namespace isobar::compiler
