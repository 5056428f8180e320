// Functions whose result is exact: integers, conversions with every rounding mode, relations,
// vload and vstore, shuffles, and taking floats apart. The oracle is the host's integer and long
// double arithmetic.
#include <fenv.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <type_traits>

#include "compiler/builtins/testing/kernel_runner.h"

namespace isobar::compiler {
namespace {

constexpr std::size_t kCount = 2048;
using Wide = __int128;
using Real = long double;
using Bytes = std::vector<std::byte>;

std::unique_ptr<KernelRunner> runner() { return make_kernel_runner(); }
const char* const kPreamble =
    "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n"
    "#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n";

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
template <class T>
std::vector<T> values_of(const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Small numbers, the ends of the range, and any bits.
template <class T>
std::vector<T> integers(std::mt19937_64& random) {
  std::vector<T> values(kCount);
  for (auto& value : values) {
    const auto bits = random();
    switch (random() % 4) {
      case 0:
        value = static_cast<T>(bits % 17 - 8);
        break;
      case 1:
        value = static_cast<T>(std::numeric_limits<T>::max() - static_cast<T>(bits % 3));
        break;
      case 2:
        value = static_cast<T>(std::numeric_limits<T>::min() + static_cast<T>(bits % 3));
        break;
      default:
        value = static_cast<T>(bits);
    }
  }
  return values;
}

template <class T>
Wide saturate(Wide value) {
  return value < std::numeric_limits<T>::min()   ? Wide{std::numeric_limits<T>::min()}
         : value > std::numeric_limits<T>::max() ? Wide{std::numeric_limits<T>::max()}
                                                 : value;
}

struct IntegerFunction {
  const char* name;
  int operands;
  bool unsigned_result;
  std::function<Wide(Wide, Wide, Wide)> oracle;
};

template <class T>
std::vector<IntegerFunction> integer_functions() {
  constexpr int kBits = 8 * sizeof(T);
  using U = std::make_unsigned_t<T>;
  return {
      {"abs", 1, true, [](Wide a, Wide, Wide) { return a < 0 ? -a : a; }},
      {"abs_diff", 2, true, [](Wide a, Wide b, Wide) { return a > b ? a - b : b - a; }},
      {"add_sat", 2, false, [](Wide a, Wide b, Wide) { return saturate<T>(a + b); }},
      {"sub_sat", 2, false, [](Wide a, Wide b, Wide) { return saturate<T>(a - b); }},
      {"hadd", 2, false, [](Wide a, Wide b, Wide) { return (a + b) >> 1; }},
      {"rhadd", 2, false, [](Wide a, Wide b, Wide) { return (a + b + 1) >> 1; }},
      {"min", 2, false, [](Wide a, Wide b, Wide) { return std::min(a, b); }},
      {"max", 2, false, [](Wide a, Wide b, Wide) { return std::max(a, b); }},
      {"mul_hi", 2, false,
       [](Wide a, Wide b, Wide) {  // 64-bit unsigned products need all 128 bits
         return std::is_signed_v<T> ? (a * b) >> kBits
                                    : static_cast<Wide>((static_cast<unsigned __int128>(a) *
                                                         static_cast<unsigned __int128>(b)) >>
                                                        kBits);
       }},
      {"mad_hi", 3, false,
       [](Wide a, Wide b, Wide c) {
         const Wide high = static_cast<Wide>(
             (static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b)) >> kBits);
         return (std::is_signed_v<T> ? (a * b) >> kBits : high) + c;
       }},
      {"mad_sat", 3, false,
       [](Wide a, Wide b, Wide c) {
         if (kBits == 64 && !std::is_signed_v<T>) {  // the sum may pass 2^127
           const auto product =
               static_cast<unsigned __int128>(a) * static_cast<unsigned __int128>(b);
           const auto sum = product + static_cast<unsigned __int128>(c);
           return sum >> 64 ? Wide{std::numeric_limits<std::uint64_t>::max()}
                            : static_cast<Wide>(sum);
         }
         return saturate<T>(a * b + c);
       }},
      {"clz", 1, false,
       [](Wide a, Wide, Wide) { return Wide{std::countl_zero(static_cast<U>(a))}; }},
      {"ctz", 1, false,
       [](Wide a, Wide, Wide) { return Wide{std::countr_zero(static_cast<U>(a))}; }},
      {"popcount", 1, false,
       [](Wide a, Wide, Wide) { return Wide{std::popcount(static_cast<U>(a))}; }},
      {"rotate", 2, false,
       [](Wide a, Wide b, Wide) {
         return Wide{std::rotl(static_cast<U>(a), static_cast<int>(static_cast<U>(b) % kBits))};
       }},
      {"bitselect", 3, false, [](Wide a, Wide b, Wide c) { return (a & ~c) | (b & c); }},
  };
}

template <class T>
void check_integers(const char* type) {
  std::mt19937_64 random(7);
  const std::string t = type, u = t[0] == 'u' ? t : "u" + t;
  std::string source;
  const auto functions = integer_functions<T>();
  for (const auto& f : functions) {
    const std::string r = f.unsigned_result ? u : t;
    const std::string tails[] = {"", ", b[i]", ", b[i], c[i]"};
    const auto wide = [&](const char* n) {
      std::string call = std::string(f.name) + "(vload" + n + "(k, a)";
      if (f.operands > 1) call += std::string(", vload") + n + "(k, b)";
      if (f.operands > 2) call += std::string(", vload") + n + "(k, c)";
      return call + ")";
    };
    source += "__kernel void k_" + std::string(f.name) + "(__global const " + t +
              "* a, __global const " + t + "* b, __global const " + t + "* c, __global " + r +
              "* one, __global " + r + "* many) {\n  size_t i = get_global_id(0), k = i / 4;\n" +
              "  one[i] = " + f.name + "(a[i]" + tails[f.operands - 1] + ");\n" +
              "  if (i % 4 == 0) vstore4(" + wide("4") + ", k, many);\n}\n";
  }
  auto device = runner();
  device->build(source);
  const auto a = integers<T>(random), b = integers<T>(random), c = integers<T>(random);
  const std::vector<Bytes> inputs = {bytes_of(a), bytes_of(b), bytes_of(c)};
  for (const auto& f : functions) {
    std::vector<Bytes> outputs(2, Bytes(kCount * sizeof(T)));
    device->run(std::string("k_") + f.name, kCount, 0, inputs, outputs);
    const auto one = values_of<T>(outputs[0]), many = values_of<T>(outputs[1]);
    for (std::size_t i = 0; i < kCount; ++i) {
      const T expected = static_cast<T>(f.oracle(a[i], b[i], c[i]));
      ASSERT_EQ(one[i], expected) << f.name << " of " << type << " " << +a[i] << ", " << +b[i]
                                  << ", " << +c[i];
      ASSERT_EQ(many[i], expected) << f.name << " of " << type << "4 " << +a[i] << ", " << +b[i];
    }
  }
}

TEST(Exact, IntegerFunctions) {
  check_integers<std::int8_t>("char");
  check_integers<std::uint8_t>("uchar");
  check_integers<std::int16_t>("short");
  check_integers<std::uint16_t>("ushort");
  check_integers<std::int32_t>("int");
  check_integers<std::uint32_t>("uint");
  check_integers<std::int64_t>("long");
  check_integers<std::uint64_t>("ulong");
}

// Conversions. A float's value is a Real exactly; an integer's too (64-bit mantissa).
struct NumberType {
  const char* name;
  std::size_t bytes;
  bool is_float, is_signed;
};
constexpr NumberType kTypes[] = {
    {"char", 1, false, true},    {"uchar", 1, false, false}, {"short", 2, false, true},
    {"ushort", 2, false, false}, {"int", 4, false, true},    {"uint", 4, false, false},
    {"long", 8, false, true},    {"ulong", 8, false, false}, {"half", 2, true, true},
    {"float", 4, true, true},    {"double", 8, true, true}};

Real read_number(const NumberType& type, const std::byte* at) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, at, type.bytes);
  if (type.is_float)
    return type.bytes == 2
               ? static_cast<Real>(std::bit_cast<_Float16>(static_cast<std::uint16_t>(bits)))
           : type.bytes == 4
               ? static_cast<Real>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
               : static_cast<Real>(std::bit_cast<double>(bits));
  if (!type.is_signed) return static_cast<Real>(bits);
  const int unused = 64 - 8 * static_cast<int>(type.bytes);
  return static_cast<Real>(static_cast<std::int64_t>(bits << unused) >> unused);
}

int fe_mode(const std::string& mode) {
  return mode == "_rtz"   ? FE_TOWARDZERO
         : mode == "_rtp" ? FE_UPWARD
         : mode == "_rtn" ? FE_DOWNWARD
                          : FE_TONEAREST;
}

/// Rounds to a format of `mantissa` bits with the mode given, overflow and subnormals included.
Real round_to(Real x, int mantissa, int min_exponent, int max_exponent, int mode) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int exponent = std::max(std::ilogb(x), min_exponent);
  const Real unit = std::ldexp(1.0L, exponent - mantissa);
  fesetround(mode);
  const Real rounded = std::nearbyint(x / unit) * unit;
  fesetround(FE_TONEAREST);
  const Real largest = std::ldexp(2 - std::ldexp(1.0L, -mantissa), max_exponent);
  if (std::abs(rounded) <= largest) return rounded;
  const bool to_largest =
      mode == FE_TOWARDZERO || (mode == FE_UPWARD && x < 0) || (mode == FE_DOWNWARD && x > 0);
  return std::copysign(to_largest ? largest : std::numeric_limits<Real>::infinity(), x);
}

struct Expectation {
  Real value;
  bool defined;
};
Expectation converted(const NumberType& to, const NumberType& from, Real x, bool saturated,
                      const std::string& mode) {
  if (to.is_float) {
    const int rounding = fe_mode(mode);
    if (to.bytes == 2) return {round_to(x, 10, -14, 15, rounding), true};
    if (to.bytes == 4) return {round_to(x, 23, -126, 127, rounding), true};
    return {round_to(x, 52, -1022, 1023, rounding), true};
  }
  if (std::isnan(x)) return {0, saturated};
  fesetround(mode.empty() ? FE_TOWARDZERO : fe_mode(mode));
  const Real whole = from.is_float ? std::nearbyint(x) : x;
  fesetround(FE_TONEAREST);
  const int bits = 8 * static_cast<int>(to.bytes) - to.is_signed;
  const Real high = std::ldexp(1.0L, bits) - 1, low = to.is_signed ? -std::ldexp(1.0L, bits) : 0;
  if (whole >= low && whole <= high) return {whole, true};
  if (saturated) return {whole < low ? low : high, true};
  if (from.is_float) return {0, false};  // implementation-defined
  const Wide modulus = Wide{1} << (8 * to.bytes);
  Wide wrapped = static_cast<Wide>(whole) % modulus;
  if (wrapped < 0) wrapped += modulus;
  if (to.is_signed && wrapped >= modulus / 2) wrapped -= modulus;
  return {static_cast<Real>(wrapped), true};
}

Bytes numbers(const NumberType& type, std::mt19937_64& random) {
  Bytes data(kCount * type.bytes);
  for (std::size_t i = 0; i < kCount; ++i) {
    std::uint64_t bits = random();
    if (type.is_float && i % 2 == 0) {  // around integers of all sizes
      const double x =
          std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())) * 0x1p-63,
                     static_cast<int>(random() % (type.bytes == 2 ? 16 : 68)));
      const double v = i % 4 == 0 ? std::round(x * 2) / 2 : x;
      bits = type.bytes == 2   ? std::bit_cast<std::uint16_t>(static_cast<_Float16>(v))
             : type.bytes == 4 ? std::bit_cast<std::uint32_t>(static_cast<float>(v))
                               : std::bit_cast<std::uint64_t>(v);
    } else if (!type.is_float && i % 3 == 0) {
      bits = i % 2 ? random() % 5 : ~(random() % 5);
    }
    std::memcpy(data.data() + i * type.bytes, &bits, type.bytes);
  }
  return data;
}

TEST(Exact, ConversionsBetweenAllTypesInAllModes) {
  const std::string modes[] = {"", "_rte", "_rtz", "_rtp", "_rtn"};
  std::mt19937_64 random(11);
  auto device = runner();
  for (const NumberType& to : kTypes) {
    if (to.is_float && to.bytes == 2 && !device->has_half()) continue;
    std::string source = kPreamble;
    const int kinds = to.is_float ? 5 : 10;
    for (const NumberType& from : kTypes) {
      source += std::string("__kernel void from_") + from.name + "(__global const " + from.name +
                "* a, __global " + to.name + "* one, __global " + to.name +
                "* many) {\n  size_t i = get_global_id(0), n = get_global_size(0);\n";
      for (int kind = 0; kind < kinds; ++kind) {
        const std::string suffix = std::string(kind >= 5 ? "_sat" : "") + modes[kind % 5];
        const std::string base = std::to_string(kind) + " * n";
        source += "  one[" + base + " + i] = convert_" + to.name + suffix + "(a[i]);\n";
        source += "  if (i % 4 == 0) vstore4(convert_" + std::string(to.name) + "4" + suffix +
                  "(vload4(i / 4, a)), i / 4, many + " + base + ");\n";
      }
      source += "}\n";
    }
    device->build(source);
    for (const NumberType& from : kTypes) {
      const std::vector<Bytes> inputs = {numbers(from, random)};
      const auto total = static_cast<std::size_t>(kinds) * kCount * to.bytes;
      std::vector<Bytes> outputs(2, Bytes(total));
      device->run(std::string("from_") + from.name, kCount, 0, inputs, outputs);
      for (std::size_t k = 0; k < static_cast<std::size_t>(kinds) * kCount; ++k) {
        const std::size_t kind = k / kCount, i = k % kCount;
        const Real x = read_number(from, inputs[0].data() + i * from.bytes);
        const auto [expected, defined] = converted(to, from, x, kind >= 5, modes[kind % 5]);
        if (!defined) continue;
        for (const Bytes& output : outputs) {
          const Real got = read_number(to, output.data() + k * to.bytes);
          ASSERT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected)))
              << "convert_" << to.name << (kind >= 5 ? "_sat" : "") << modes[kind % 5] << " of "
              << from.name << " " << x << " is " << got << ", not " << expected;
        }
      }
    }
  }
}

TEST(Exact, VectorsMoveBetweenMemoryAndRegisters) {
  // Every width, elements of 1, 2, 4 and 8 bytes; halves narrowed with each mode.
  auto device = runner();
  std::string source = kPreamble;
  for (const char* type : {"uchar", "ushort", "uint", "ulong"})
    for (const int n : {2, 3, 4, 8, 16}) {
      const std::string t = type, w = std::to_string(n);
      source += "__kernel void move_" + t + w + "(__global const " + t + "* a, __global " + t +
                "* out) {\n  size_t i = get_global_id(0);\n  vstore" + w + "(vload" + w +
                "(i, a), i, out);\n}\n";
    }
  device->build(source);
  std::mt19937_64 random(3);
  for (const char* type : {"uchar", "ushort", "uint", "ulong"})
    for (const std::size_t n : {2u, 3u, 4u, 8u, 16u}) {
      const std::size_t size = std::string(type) == "uchar"    ? 1
                               : std::string(type) == "ushort" ? 2
                               : std::string(type) == "uint"   ? 4
                                                               : 8;
      Bytes data(64 * n * size);
      for (auto& byte : data) byte = static_cast<std::byte>(random());
      const std::vector<Bytes> inputs = {data};
      std::vector<Bytes> outputs(1, Bytes(data.size()));
      device->run("move_" + std::string(type) + std::to_string(n), 64, 0, inputs, outputs);
      EXPECT_EQ(outputs[0], data) << type << n;
    }
}

TEST(Exact, HalvesAreStoredWithEveryRoundingMode) {
  auto device = runner();
  const std::string modes[] = {"", "_rte", "_rtz", "_rtp", "_rtn"};
  std::string source = kPreamble;
  for (const char* type : {"float", "double"}) {
    source += std::string("__kernel void store_") + type + "(__global const " + type +
              "* a, __global half* one, __global half* three, __global float* back) {\n"
              "  size_t i = get_global_id(0), n = get_global_size(0);\n";
    for (int m = 0; m < 5; ++m) {
      const std::string at = std::to_string(m) + " * n";
      source += "  vstore_half" + modes[m] + "(a[i], i, one + " + at +
                ");\n  if (i % 4 == 0) vstorea_half3" + modes[m] +
                "(vload3(0, a + i), i / 4, three + " + at + ");\n";
    }
    source += "  if (i % 4 == 0) vstore3(vloada_half3(i / 4, three), 0, back + i);\n}\n";
  }
  device->build(source);
  std::mt19937_64 random(5);
  for (const NumberType& from : {kTypes[9], kTypes[10]}) {
    Bytes data(kCount * from.bytes);
    for (std::size_t i = 0; i < kCount; ++i) {
      const double v =
          std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())) * 0x1p-63,
                     static_cast<int>(random() % 46) - 28);
      const float f = static_cast<float>(v);
      if (from.bytes == 4)
        std::memcpy(data.data() + 4 * i, &f, 4);
      else
        std::memcpy(data.data() + 8 * i, &v, 8);
    }
    const std::vector<Bytes> inputs = {data};
    std::vector<Bytes> outputs = {Bytes(5 * kCount * 2), Bytes(5 * kCount * 2), Bytes(kCount * 4)};
    device->run(std::string("store_") + from.name, kCount, 0, inputs, outputs);
    for (std::size_t k = 0; k < 5 * kCount; ++k) {
      const std::size_t m = k / kCount, i = k % kCount;
      const Real x = read_number(from, data.data() + i * from.bytes);
      const Real expected = round_to(x, 10, -14, 15, fe_mode(modes[m]));
      ASSERT_EQ(read_number(kTypes[8], outputs[0].data() + 2 * k), expected) << x << modes[m];
      if (i % 4 != 3) {
        ASSERT_EQ(read_number(kTypes[8], outputs[1].data() + 2 * k), expected) << x << modes[m];
        if (m == 0) {
          ASSERT_EQ(read_number(kTypes[9], outputs[2].data() + 4 * i), expected) << x;
        }
      }
    }
  }
}

TEST(Exact, RelationsSelectionAndShuffles) {
  auto device = runner();
  device->build(std::string(kPreamble) + R"(
__kernel void relations(__global const float* a, __global const float* b, __global int* out) {
  size_t i = get_global_id(0);
  float x = a[i], y = b[i];
  int s = isequal(x, y) | isnotequal(x, y) << 1 | isgreater(x, y) << 2 | isgreaterequal(x, y) << 3 |
          isless(x, y) << 4 | islessequal(x, y) << 5 | islessgreater(x, y) << 6 |
          isordered(x, y) << 7 | isunordered(x, y) << 8 | isfinite(x) << 9 | isinf(x) << 10 |
          isnan(x) << 11 | isnormal(x) << 12 | signbit(x) << 13;
  float3 p = (float3)(x, y, x), q = (float3)(y, x, x);
  int3 v = isless(p, q), w = isnan(p), e = isequal(p, q);
  s |= (v.s0 == -isless(x, y) && v.s1 == -isless(y, x) && v.s2 == 0) << 14;
  s |= (w.s0 == -isnan(x) && w.s1 == -isnan(y) && e.s2 == -isequal(x, x)) << 15;
  s |= (any(v) == (isless(x, y) | isless(y, x))) << 16 | (all(v) == 0) << 17;
  int4 bits = (int4)(-1, 0, -1, 0);
  float4 c = select((float4)(x), (float4)(y), bits);
  s |= (as_int(c.s0) == as_int(y) && as_int(c.s1) == as_int(x) && as_int(c.s3) == as_int(x)) << 18;
  s |= (as_int(select(x, y, 1)) == as_int(y) && as_int(select(x, y, 0)) == as_int(x)) << 19;
  s |= (as_int(bitselect(x, y, as_float(0x0000ffff))) ==
        (as_int(x) & ~0xffff | as_int(y) & 0xffff)) << 20;
  uint i4 = (uint)i;
  uint4 m = (uint4)(i4, i4 >> 2, i4 >> 4, i4 >> 6);
  int4 t = (int4)(10, 11, 12, 13), r = shuffle(t, m), r2 = shuffle2(t, t + 4, m);
  s |= (r.s0 == 10 + (int)(m.s0 & 3) && r.s3 == 10 + (int)(m.s3 & 3)) << 21;
  s |= (r2.s0 == 10 + (int)(m.s0 & 7) && r2.s1 == 10 + (int)(m.s1 & 7)) << 22;
  out[i] = s;
})");
  const float interesting[] = {0.0f, -0.0f, 1.0f, -1.0f, 1e-40f, INFINITY, -INFINITY, NAN};
  std::vector<float> a, b;
  for (const float x : interesting)
    for (const float y : interesting) {
      a.push_back(x);
      b.push_back(y);
    }
  const std::vector<Bytes> inputs = {bytes_of(a), bytes_of(b)};
  std::vector<Bytes> outputs(1, Bytes(a.size() * 4));
  device->run("relations", a.size(), 0, inputs, outputs);
  const auto out = values_of<std::int32_t>(outputs[0]);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float x = a[i], y = b[i];
    const bool bits[] = {x == y,
                         x != y,
                         x > y,
                         x >= y,
                         x < y,
                         x <= y,
                         x < y || x > y,
                         !std::isunordered(x, y),
                         std::isunordered(x, y),
                         std::isfinite(x),
                         std::isinf(x),
                         std::isnan(x),
                         std::isnormal(x),
                         std::signbit(x)};
    int expected = 0x7fc000;
    for (int k = 0; k < 14; ++k) expected |= int{bits[k]} << k;
    EXPECT_EQ(out[i], expected) << x << ", " << y;
  }
}

TEST(Exact, FloatsAreTakenApart) {
  auto device = runner();
  device->build(std::string(kPreamble) + R"(
__kernel void apart(__global const double* a, __global const double* b, __global double* out) {
  size_t i = get_global_id(0);
  double whole, fraction = modf(a[i], &whole), down, rest = fract(a[i], &down), cosine;
  int exponent, quotient, sign;
  double mantissa = frexp(a[i], &exponent), r = remquo(a[i], b[i], &quotient);
  double sine = sincos(a[i], &cosine);
  double next = nextafter(a[i], b[i]);
  double gamma = lgamma_r(a[i], &sign);
  out += 14 * i;
  out[0] = fraction; out[1] = whole; out[2] = rest; out[3] = down; out[4] = mantissa;
  out[5] = exponent; out[6] = r; out[7] = quotient & 7; out[8] = next; out[9] = ilogb(a[i]);
  out[10] = sine == sin(a[i]) || isnan(sine); out[11] = cosine == cos(a[i]) || isnan(cosine);
  out[12] = gamma; out[13] = sign;
})");
  std::mt19937_64 random(13);
  std::vector<double> a(512), b(512);
  std::uniform_real_distribution<double> near(-50, 50);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = i % 4 ? near(random) : std::bit_cast<double>(random());
    b[i] = near(random);
  }
  a[0] = 0.0;
  a[1] = -0.0;
  a[2] = INFINITY;
  a[3] = 5e-324;
  a[5] = 3.0;
  const std::vector<Bytes> inputs = {bytes_of(a), bytes_of(b)};
  std::vector<Bytes> outputs(1, Bytes(a.size() * 14 * 8));
  device->run("apart", a.size(), 0, inputs, outputs);
  const auto out = values_of<double>(outputs[0]);
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double* o = &out[14 * i];
    const double x = a[i];
    double whole;
    int exponent, quotient;
    EXPECT_TRUE(same(o[0], std::modf(x, &whole)) && same(o[1], whole)) << "modf " << x;
    if (std::isfinite(x)) {
      EXPECT_EQ(o[2], std::min(x - std::floor(x), 0x1.fffffffffffffp-1)) << "fract " << x;
      EXPECT_EQ(o[3], std::floor(x)) << "fract " << x;
      EXPECT_TRUE(same(o[4], std::frexp(x, &exponent)) && o[5] == exponent) << "frexp " << x;
      EXPECT_TRUE(same(o[6], std::remquo(x, b[i], &quotient))) << "remquo " << x << " " << b[i];
      EXPECT_EQ(static_cast<int>(o[7]), quotient & 7) << "remquo " << x << " " << b[i];
      const double gamma = std::lgamma(x);
      if (std::isfinite(gamma)) {  // OpenCL asks nothing of lgamma's accuracy; this is ours
        EXPECT_NEAR(o[12], gamma, 1e-10 * std::max(1.0, std::abs(gamma))) << "lgamma " << x;
        EXPECT_EQ(static_cast<int>(o[13]), signgam) << "lgamma_r " << x;
      }
    }
    EXPECT_TRUE(same(o[8], std::nextafter(x, b[i]))) << "nextafter " << x << " " << b[i];
    if (x != 0 && std::isfinite(x)) {
      EXPECT_EQ(o[9], std::ilogb(x)) << "ilogb " << x;
    }
    EXPECT_EQ(o[10], 1) << "sincos " << x;
    EXPECT_EQ(o[11], 1) << "sincos " << x;
  }
}

}  // namespace
}  // namespace isobar::compiler
