// Exact floating point for binary16, 32 and 64: every operation computes the exact value as
// sign * significand * 2^exponent (128 bits, lost bits jammed into the lowest one) and rounds once.
// NaN results are canonical; tininess is detected after rounding. Written to be read, not to be
// fast: this is the reference that fast paths are held against.
// Reference: IEEE 754-2019; RISC-V ISA Manual, Volume I, chapters "F", "D" and "Zfh".
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "isa/instruction.h"

namespace isobar::isa {

// fflags, from bit 0.
inline constexpr std::uint8_t kInexact = 1, kUnderflow = 2, kOverflow = 4, kDivideByZero = 8,
                              kInvalid = 16;

/// A register's new value and the flags that were raised on the way.
struct FloatResult {
  std::uint64_t value = 0;
  std::uint8_t flags = 0;
};

/// A format: `Precision` counts the hidden bit.
template <int Width, int Precision>
struct BinaryFormat {
  static constexpr int kPrecision = Precision;
  static constexpr int kFractionBits = Precision - 1;
  static constexpr int kLeastExponent = 2 - (1 << (Width - Precision - 1));  // of normal numbers
  static constexpr std::uint64_t kSign = 1ULL << (Width - 1);
  static constexpr std::uint64_t kFraction = (1ULL << kFractionBits) - 1;
  static constexpr std::uint64_t kInfinity = (kSign - 1) & ~kFraction;
  static constexpr std::uint64_t kCanonicalNan = kInfinity | (1ULL << (kFractionBits - 1));
  static constexpr std::uint64_t kAll = kSign | (kSign - 1);
};
using Binary16 = BinaryFormat<16, 11>;
using Binary32 = BinaryFormat<32, 24>;
using Binary64 = BinaryFormat<64, 53>;

namespace soft_float {

using Wide = unsigned __int128;

/// sign * significand * 2^exponent; a zero significand is a signed zero.
struct Number {
  bool negative = false;
  int exponent = 0;
  Wide significand = 0;
};

constexpr int highest_bit(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64U);
  return high != 0 ? 127 - std::countl_zero(high)
                   : 63 - std::countl_zero(static_cast<std::uint64_t>(value));
}

/// Shifts right; what is lost leaves a one in the lowest bit.
constexpr Wide shift_right_jam(Wide value, int distance) {
  if (distance <= 0) return value;
  if (distance > 127) return value != 0 ? 1 : 0;
  const Wide kept = value >> distance;
  return (kept << distance) == value ? kept : kept | 1U;
}

/// The same value with its highest bit at `position`. It only ever moves up.
constexpr Number normalised(Number n, int position) {
  const int up = position - highest_bit(n.significand);
  n.significand <<= up;
  n.exponent -= up;
  return n;
}

/// Whether a magnitude is rounded away from zero. `rest` and `half` tell what is dropped.
constexpr bool rounds_up(Rounding mode, bool negative, bool odd, Wide rest, Wide half) {
  switch (mode) {
    case Rounding::kRne:
      return rest > half || (rest == half && odd);
    case Rounding::kRmm:
      return rest >= half;
    case Rounding::kRdn:
      return negative && rest != 0;
    case Rounding::kRup:
      return !negative && rest != 0;
    case Rounding::kRtz:
    case Rounding::kDynamic:  // resolved by the caller
      return false;
  }
  return false;
}

struct Rounded {
  Wide value = 0;
  bool inexact = false;
};

/// significand / 2^shift as an integer.
constexpr Rounded round_to_integer(Rounding mode, bool negative, Wide significand, int shift) {
  if (shift <= 0) return {significand << -shift, false};
  // Significands are below 2^127: beyond that shift, all are less than half, but not zero.
  if (shift > 127) {
    significand = significand != 0 ? 1 : 0;
    shift = 127;
  }
  const Wide half = Wide{1} << (shift - 1);
  const Wide rest = significand & ((half << 1) - 1);
  Wide kept = significand >> shift;
  if (rounds_up(mode, negative, (kept & 1U) != 0, rest, half)) ++kept;
  return {kept, rest != 0};
}

template <class F>
constexpr std::uint64_t overflowed(bool negative, Rounding mode) {
  const bool to_infinity = mode == Rounding::kRne || mode == Rounding::kRmm ||
                           (mode == Rounding::kRup && !negative) ||
                           (mode == Rounding::kRdn && negative);
  return (negative ? F::kSign : 0) | (to_infinity ? F::kInfinity : F::kInfinity - 1);
}

/// Rounds an exact value to the format. Significands carry jammed bits only far below precision.
template <class F>
constexpr FloatResult round(Number n, Rounding mode) {
  const std::uint64_t sign = n.negative ? F::kSign : 0;
  if (n.significand == 0) return {sign, 0};
  const int exponent = n.exponent + highest_bit(n.significand);  // 2^exponent <= |n|
  const bool below_normal = exponent < F::kLeastExponent;
  const int unit = (below_normal ? F::kLeastExponent : exponent) - F::kFractionBits;
  const Rounded r = round_to_integer(mode, n.negative, n.significand, unit - n.exponent);
  // A carry out of the significand runs into the exponent field, as it should.
  const int biased_less_one = below_normal ? 0 : exponent - F::kLeastExponent;
  const Wide packed = (static_cast<Wide>(biased_less_one) << F::kFractionBits) + r.value;
  if (packed >= F::kInfinity) return {overflowed<F>(n.negative, mode), kOverflow | kInexact};
  std::uint8_t flags = r.inexact ? kInexact : 0;
  if (below_normal && r.inexact) {
    // Tiny unless rounding with an unbounded exponent would have reached the normal numbers.
    const Rounded unbounded =
        round_to_integer(mode, n.negative, n.significand, exponent - F::kFractionBits - n.exponent);
    const bool reaches =
        exponent == F::kLeastExponent - 1 && unbounded.value == Wide{1} << F::kPrecision;
    if (!reaches) flags |= kUnderflow;
  }
  return {sign | static_cast<std::uint64_t>(packed), flags};
}

}  // namespace soft_float

// ---- What an encoding is ----

template <class F>
constexpr bool is_negative(std::uint64_t a) {
  return (a & F::kSign) != 0;
}
template <class F>
constexpr bool is_nan(std::uint64_t a) {
  return (a & (F::kSign - 1)) > F::kInfinity;
}
template <class F>
constexpr bool is_signalling(std::uint64_t a) {
  return is_nan<F>(a) && (a & (1ULL << (F::kFractionBits - 1))) == 0;
}
template <class F>
constexpr bool is_infinite(std::uint64_t a) {
  return (a & (F::kSign - 1)) == F::kInfinity;
}
template <class F>
constexpr bool is_zero(std::uint64_t a) {
  return (a & (F::kSign - 1)) == 0;
}
/// The exact value of a finite encoding.
template <class F>
constexpr soft_float::Number unpack(std::uint64_t a) {
  const auto field = static_cast<int>((a & F::kInfinity) >> F::kFractionBits);
  const std::uint64_t fraction = a & F::kFraction;
  const int unit = F::kLeastExponent - F::kFractionBits;
  if (field == 0) return {is_negative<F>(a), unit, fraction};
  return {is_negative<F>(a), unit + field - 1, fraction | (F::kFraction + 1)};
}

/// A narrower value lives in a 64-bit register under ones; anything else reads as the NaN.
template <class F>
constexpr std::uint64_t unbox(std::uint64_t register_bits) {
  return (register_bits | F::kAll) == ~0ULL ? register_bits & F::kAll : F::kCanonicalNan;
}
template <>
constexpr std::uint64_t unbox<Binary64>(std::uint64_t register_bits) {
  return register_bits;
}
template <class F>
constexpr std::uint64_t box(std::uint64_t value) {
  return value | ~F::kAll;
}

// ---- Arithmetic. Values in and out are encodings in the low bits. ----

template <class F>
constexpr FloatResult nan_result(bool invalid) {
  return {F::kCanonicalNan, invalid ? kInvalid : std::uint8_t{0}};
}

/// The sum of two exact values. An exact zero from unequal signs is +0, or -0 when rounding down.
template <class F>
constexpr FloatResult add_exact(soft_float::Number a, soft_float::Number b, Rounding mode) {
  using soft_float::Number;
  if (a.significand == 0 && b.significand == 0) {
    const bool negative = a.negative == b.negative ? a.negative : mode == Rounding::kRdn;
    return {negative ? F::kSign : 0, 0};
  }
  if (a.significand == 0) return soft_float::round<F>(b, mode);
  if (b.significand == 0) return soft_float::round<F>(a, mode);
  // With the highest bits at 125 the sum fits, and a jammed bit stays below any rounding: where
  // bits are lost, the distance is at least 20, so the difference keeps 124 bits.
  a = soft_float::normalised(a, 125);
  b = soft_float::normalised(b, 125);
  if (a.exponent < b.exponent) std::swap(a, b);
  b.significand = soft_float::shift_right_jam(b.significand, a.exponent - b.exponent);
  Number sum{a.negative, a.exponent, a.significand + b.significand};
  if (a.negative != b.negative) {
    const bool flips = b.significand > a.significand;
    sum.negative = a.negative != flips;
    sum.significand = flips ? b.significand - a.significand : a.significand - b.significand;
    if (sum.significand == 0) sum.negative = mode == Rounding::kRdn;
  }
  return soft_float::round<F>(sum, mode);
}

template <class F>
constexpr FloatResult float_add(std::uint64_t a, std::uint64_t b, Rounding mode) {
  if (is_nan<F>(a) || is_nan<F>(b))
    return nan_result<F>(is_signalling<F>(a) || is_signalling<F>(b));
  if (is_infinite<F>(a) && is_infinite<F>(b) && a != b) return nan_result<F>(true);
  if (is_infinite<F>(a)) return {a, 0};
  if (is_infinite<F>(b)) return {b, 0};
  return add_exact<F>(unpack<F>(a), unpack<F>(b), mode);
}
template <class F>
constexpr FloatResult float_sub(std::uint64_t a, std::uint64_t b, Rounding mode) {
  return float_add<F>(a, b ^ F::kSign, mode);
}

/// a * b + c with one rounding.
template <class F>
constexpr FloatResult float_fma(std::uint64_t a, std::uint64_t b, std::uint64_t c, Rounding mode) {
  const bool product_negative = is_negative<F>(a) != is_negative<F>(b);
  // Infinity times zero is invalid even when the addend is a quiet NaN.
  const bool bad_product =
      (is_infinite<F>(a) && is_zero<F>(b)) || (is_zero<F>(a) && is_infinite<F>(b));
  if (is_nan<F>(a) || is_nan<F>(b) || is_nan<F>(c) || bad_product) {
    return nan_result<F>(bad_product || is_signalling<F>(a) || is_signalling<F>(b) ||
                         is_signalling<F>(c));
  }
  if (is_infinite<F>(a) || is_infinite<F>(b)) {
    if (is_infinite<F>(c) && is_negative<F>(c) != product_negative) return nan_result<F>(true);
    return {(product_negative ? F::kSign : 0) | F::kInfinity, 0};
  }
  if (is_infinite<F>(c)) return {c, 0};
  const soft_float::Number x = unpack<F>(a), y = unpack<F>(b);
  const soft_float::Number product{product_negative, x.exponent + y.exponent,
                                   x.significand * y.significand};
  return add_exact<F>(product, unpack<F>(c), mode);
}

template <class F>
constexpr FloatResult float_mul(std::uint64_t a, std::uint64_t b, Rounding mode) {
  const std::uint64_t sign = (a ^ b) & F::kSign;
  if (is_nan<F>(a) || is_nan<F>(b))
    return nan_result<F>(is_signalling<F>(a) || is_signalling<F>(b));
  if (is_infinite<F>(a) || is_infinite<F>(b)) {
    if (is_zero<F>(a) || is_zero<F>(b)) return nan_result<F>(true);
    return {sign | F::kInfinity, 0};
  }
  const soft_float::Number x = unpack<F>(a), y = unpack<F>(b);
  return soft_float::round<F>({sign != 0, x.exponent + y.exponent, x.significand * y.significand},
                              mode);
}

template <class F>
constexpr FloatResult float_div(std::uint64_t a, std::uint64_t b, Rounding mode) {
  const std::uint64_t sign = (a ^ b) & F::kSign;
  if (is_nan<F>(a) || is_nan<F>(b))
    return nan_result<F>(is_signalling<F>(a) || is_signalling<F>(b));
  if (is_infinite<F>(a)) {
    return is_infinite<F>(b) ? nan_result<F>(true) : FloatResult{sign | F::kInfinity, 0};
  }
  if (is_infinite<F>(b)) return {sign, 0};
  if (is_zero<F>(b)) {
    return is_zero<F>(a) ? nan_result<F>(true) : FloatResult{sign | F::kInfinity, kDivideByZero};
  }
  if (is_zero<F>(a)) return {sign, 0};
  const soft_float::Number x = soft_float::normalised(unpack<F>(a), 126), y = unpack<F>(b);
  soft_float::Wide quotient = x.significand / y.significand;  // 73 bits or more
  if (quotient * y.significand != x.significand) quotient |= 1U;
  return soft_float::round<F>({sign != 0, x.exponent - y.exponent, quotient}, mode);
}

template <class F>
constexpr FloatResult float_sqrt(std::uint64_t a, Rounding mode) {
  if (is_nan<F>(a)) return nan_result<F>(is_signalling<F>(a));
  if (is_zero<F>(a)) return {a, 0};
  if (is_negative<F>(a)) return nan_result<F>(true);
  if (is_infinite<F>(a)) return {a, 0};
  soft_float::Number n = soft_float::normalised(unpack<F>(a), 125);
  if (n.exponent % 2 != 0) {
    n.significand <<= 1U;
    --n.exponent;
  }
  // The largest root with root * root <= significand: 63 or 64 bits, found from the top.
  soft_float::Wide root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const soft_float::Wide candidate = root | soft_float::Wide{1} << bit;
    if (candidate * candidate <= n.significand) root = candidate;
  }
  if (root * root != n.significand) {
    root = root << 1U | 1U;  // the jammed bit gets a place of its own
    n.exponent -= 2;
  }
  return soft_float::round<F>({false, n.exponent / 2, root}, mode);
}

// ---- Comparison and selection ----

/// a < b of two numbers that are not NaN; -0 = +0.
template <class F>
constexpr bool orders_below(std::uint64_t a, std::uint64_t b) {
  if (is_zero<F>(a) && is_zero<F>(b)) return false;
  if (is_negative<F>(a) != is_negative<F>(b)) return is_negative<F>(a);
  return is_negative<F>(a) ? a > b : a < b;
}
template <class F>
constexpr FloatResult float_equal(std::uint64_t a, std::uint64_t b) {
  if (is_nan<F>(a) || is_nan<F>(b))
    return {0, is_signalling<F>(a) || is_signalling<F>(b) ? kInvalid : std::uint8_t{0}};
  return {a == b || (is_zero<F>(a) && is_zero<F>(b)) ? 1U : 0U, 0};
}
template <class F>
constexpr FloatResult float_less(std::uint64_t a, std::uint64_t b) {
  if (is_nan<F>(a) || is_nan<F>(b)) return {0, kInvalid};
  return {orders_below<F>(a, b) ? 1U : 0U, 0};
}
template <class F>
constexpr FloatResult float_less_equal(std::uint64_t a, std::uint64_t b) {
  if (is_nan<F>(a) || is_nan<F>(b)) return {0, kInvalid};
  return {orders_below<F>(b, a) ? 0U : 1U, 0};
}
/// minimumNumber or maximumNumber: a NaN loses against a number; -0 is below +0.
template <class F>
constexpr FloatResult float_select(std::uint64_t a, std::uint64_t b, bool want_larger) {
  const std::uint8_t flags =
      is_signalling<F>(a) || is_signalling<F>(b) ? kInvalid : std::uint8_t{0};
  if (is_nan<F>(a)) return {is_nan<F>(b) ? F::kCanonicalNan : b, flags};
  if (is_nan<F>(b)) return {a, flags};
  const bool zeros = is_zero<F>(a) && is_zero<F>(b);
  const bool a_below = zeros ? is_negative<F>(a) : orders_below<F>(a, b);
  return {a_below != want_larger ? a : b, flags};
}

/// The ten classes, one bit each, in the order of the manual's table.
template <class F>
constexpr std::uint64_t float_class(std::uint64_t a) {
  if (is_nan<F>(a)) return is_signalling<F>(a) ? 1U << 8 : 1U << 9;
  const bool subnormal = (a & F::kInfinity) == 0;
  const unsigned distance = is_infinite<F>(a) ? 3 : is_zero<F>(a) ? 0 : subnormal ? 1 : 2;
  return is_negative<F>(a) ? 1U << (3 - distance) : 1U << (4 + distance);
}

// ---- Conversions ----

template <class To, class From>
constexpr FloatResult float_convert(std::uint64_t a, Rounding mode) {
  if (is_nan<From>(a)) return nan_result<To>(is_signalling<From>(a));
  if (is_infinite<From>(a)) return {(is_negative<From>(a) ? To::kSign : 0) | To::kInfinity, 0};
  return soft_float::round<To>(unpack<From>(a), mode);
}

/// To an integer of `Bits` bits, saturating; NaN counts as positive. 32-bit results come
/// sign-extended, unsigned ones too.
template <class F, int Bits, bool Signed>
constexpr FloatResult float_to_integer(std::uint64_t a, Rounding mode) {
  constexpr std::uint64_t kAllOnes = Bits == 64 ? ~0ULL : (1ULL << (Bits % 64)) - 1;
  constexpr std::uint64_t kMost = Signed ? kAllOnes >> 1U : kAllOnes;
  constexpr std::uint64_t kMostNegative = Signed ? kMost + 1 : 0;  // its magnitude
  const auto extended = [](std::uint64_t value) {
    if constexpr (Bits == 64) return value;
    return static_cast<std::uint64_t>(
        static_cast<std::int64_t>(static_cast<std::int32_t>(static_cast<std::uint32_t>(value))));
  };
  const bool negative = is_negative<F>(a) && !is_nan<F>(a);
  const FloatResult saturated{extended(negative ? 0 - kMostNegative : kMost), kInvalid};
  if (is_nan<F>(a) || is_infinite<F>(a)) return saturated;
  const soft_float::Number n = unpack<F>(a);
  if (n.significand != 0 && n.exponent + soft_float::highest_bit(n.significand) > Bits)
    return saturated;
  const soft_float::Rounded r =
      soft_float::round_to_integer(mode, negative, n.significand, -n.exponent);
  if (r.value > (negative ? kMostNegative : kMost)) return saturated;
  const auto magnitude = static_cast<std::uint64_t>(r.value);
  return {extended(negative ? 0 - magnitude : magnitude), r.inexact ? kInexact : std::uint8_t{0}};
}

template <class F>
constexpr FloatResult integer_to_float(std::uint64_t value, bool is_signed, Rounding mode) {
  const bool negative = is_signed && (value >> 63U) != 0;
  return soft_float::round<F>({negative, 0, negative ? 0 - value : value}, mode);
}

/// What a floating-point instruction other than a load or store computes: the new value of its
/// destination register (boxed where that is an f register) and the flags. `a`, `b`, `c` are the
/// full source registers rs1, rs2, rs3; boxes are checked here. `mode` is never kDynamic.
[[nodiscard]] FloatResult evaluate_float(Opcode opcode, std::uint64_t a, std::uint64_t b,
                                         std::uint64_t c, Rounding mode);

}  // namespace isobar::isa
