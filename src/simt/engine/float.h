// Floating point on packed singles and doubles, rounding to nearest even. Only used where flags
// cannot be observed (no instruction of the program reads them); everything else, and half
// precision, goes lane by lane through isa/'s exact arithmetic (exact_float in slow_paths.cpp).
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine/common.h"

namespace isobar::simt::ISOBAR_ENGINE {

// ---- arithmetic: eval(a, b, c) on vectors of singles or doubles -------------------------------

#define ISOBAR_FLOAT(Name, expression)           \
  struct Name {                                  \
    template <class V>                           \
    static ISOBAR_INLINE V eval(V a, V b, V c) { \
      (void)b;                                   \
      (void)c;                                   \
      return expression;                         \
    }                                            \
  };
ISOBAR_FLOAT(FAdd, canonical(a + b))
ISOBAR_FLOAT(FSub, canonical(a - b))
ISOBAR_FLOAT(FMul, canonical(a* b))
ISOBAR_FLOAT(FDiv, canonical(a / b))
ISOBAR_FLOAT(FSqrt, canonical(__builtin_elementwise_sqrt(a)))
ISOBAR_FLOAT(FMadd, canonical(__builtin_elementwise_fma(a, b, c)))
ISOBAR_FLOAT(FMsub, canonical(__builtin_elementwise_fma(a, b, -c)))
ISOBAR_FLOAT(FNmsub, canonical(__builtin_elementwise_fma(-a, b, c)))
ISOBAR_FLOAT(FNmadd, canonical(__builtin_elementwise_fma(-a, b, -c)))
#undef ISOBAR_FLOAT

template <class V>
struct BitsOf;
template <>
struct BitsOf<F32x16> {
  using U = U32x16;
  using I = I32x16;
  static constexpr std::uint32_t kSign = 0x80000000U;
};
template <>
struct BitsOf<F64x8> {
  using U = U64x8;
  using I = I64x8;
  static constexpr u64 kSign = 0x8000000000000000ULL;
};
template <class V>
ISOBAR_INLINE typename BitsOf<V>::U bits(V v) {
  return __builtin_bit_cast(typename BitsOf<V>::U, v);
}
template <class V>
ISOBAR_INLINE V from_bits(typename BitsOf<V>::U v) {
  return __builtin_bit_cast(V, v);
}

struct FSgnj {
  template <class V>
  static ISOBAR_INLINE V eval(V a, V b, V) {
    const typename BitsOf<V>::U sign(BitsOf<V>::kSign);
    return from_bits<V>((bits(a) & ~sign) | (bits(b) & sign));
  }
};
struct FSgnjn {
  template <class V>
  static ISOBAR_INLINE V eval(V a, V b, V) {
    const typename BitsOf<V>::U sign(BitsOf<V>::kSign);
    return from_bits<V>((bits(a) & ~sign) | (~bits(b) & sign));
  }
};
struct FSgnjx {
  template <class V>
  static ISOBAR_INLINE V eval(V a, V b, V) {
    const typename BitsOf<V>::U sign(BitsOf<V>::kSign);
    return from_bits<V>(bits(a) ^ (bits(b) & sign));
  }
};
/// The number where one operand is NaN; -0 is smaller than +0 (equal values differ in sign only, so
/// "or" of the bits is the smaller and "and" the larger).
struct FMin {
  template <class V>
  static ISOBAR_INLINE V eval(V a, V b, V) {
    V r = a < b ? a : b;
    r = a == b ? from_bits<V>(bits(a) | bits(b)) : r;
    r = b != b ? a : r;
    r = a != a ? b : r;
    return canonical(r);
  }
};
struct FMax {
  template <class V>
  static ISOBAR_INLINE V eval(V a, V b, V) {
    V r = a > b ? a : b;
    r = a == b ? from_bits<V>(bits(a) & bits(b)) : r;
    r = b != b ? a : r;
    r = a != a ? b : r;
    return canonical(r);
  }
};

template <unsigned W, bool M, class F, unsigned Operands>
ISOBAR_HANDLER void single(const Operation* operation, Warp* warp) {
  alignas(64) float scratch[3][W];
  const Singles<W> a = singles<W>(warp, operation->rs1, scratch[0]);
  const Singles<W> b = Operands > 1 ? singles<W>(warp, operation->rs2, scratch[1]) : a;
  const Singles<W> c = Operands > 2 ? singles<W>(warp, operation->rs3, scratch[2]) : a;
  if ((a.step | b.step | c.step) == 0) {
    write_uniform_single<W, M>(warp, operation->rd, F::eval(a.chunk(0), b.chunk(0), c.chunk(0)));
    ISOBAR_NEXT;
  }
  write_singles<W, M>(warp, operation->rd,
                      [&](unsigned k) { return F::eval(a.chunk(k), b.chunk(k), c.chunk(k)); });
  ISOBAR_NEXT;
}

template <unsigned W, bool M, class F, unsigned Operands>
ISOBAR_HANDLER void real(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[3][W];
  const Doubles<W> a = doubles<W>(warp, operation->rs1, scratch[0]);
  const Doubles<W> b = Operands > 1 ? doubles<W>(warp, operation->rs2, scratch[1]) : a;
  const Doubles<W> c = Operands > 2 ? doubles<W>(warp, operation->rs3, scratch[2]) : a;
  if ((a.step | b.step | c.step) == 0) {
    write_uniform_raw<W, M>(warp, operation->rd, F::eval(a.chunk(0), b.chunk(0), c.chunk(0)));
    ISOBAR_NEXT;
  }
  write_doubles<W, M>(warp, operation->rd,
                      [&](unsigned k) { return F::eval(a.chunk(k), b.chunk(k), c.chunk(k)); });
  ISOBAR_NEXT;
}

// ---- comparisons: to an integer register ------------------------------------------------------

struct FEq {
  template <class V>
  static ISOBAR_INLINE auto eval(V a, V b) {
    return a == b;
  }
};
struct FLt {
  template <class V>
  static ISOBAR_INLINE auto eval(V a, V b) {
    return a < b;
  }
};
struct FLe {
  template <class V>
  static ISOBAR_INLINE auto eval(V a, V b) {
    return a <= b;
  }
};

/// Writes bit l of `bits` to lane l.
template <unsigned W, bool M>
ISOBAR_INLINE void write_bits(Warp* warp, unsigned rd, LaneMask lanes) {
  u64* d = vector_destination<W, M>(warp, rd);
  for (unsigned c = 0; c < W / 8; ++c) {
    put8<M>(warp, d, c, __builtin_bit_cast(U64x8, spread8(lanes >> (8 * c))) & U64x8(1));
  }
}

template <unsigned W, bool M, class F>
ISOBAR_HANDLER void compare_single(const Operation* operation, Warp* warp) {
  alignas(64) float scratch[2][W];
  const Singles<W> a = singles<W>(warp, operation->rs1, scratch[0]);
  const Singles<W> b = singles<W>(warp, operation->rs2, scratch[1]);
  LaneMask result = 0;
  if ((a.step | b.step) == 0) {
    write_uniform<W, M>(warp, operation->rd, bits_of(F::eval(a.chunk(0), b.chunk(0))) & 1U);
    ISOBAR_NEXT;
  }
  for (unsigned c = 0; c < W / 16; ++c)
    result |= bits_of(F::eval(a.chunk(c), b.chunk(c))) << (16 * c);
  write_bits<W, M>(warp, operation->rd, result);
  ISOBAR_NEXT;
}

template <unsigned W, bool M, class F>
ISOBAR_HANDLER void compare_real(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[2][W];
  const Doubles<W> a = doubles<W>(warp, operation->rs1, scratch[0]);
  const Doubles<W> b = doubles<W>(warp, operation->rs2, scratch[1]);
  LaneMask result = 0;
  if ((a.step | b.step) == 0) {
    write_uniform<W, M>(warp, operation->rd, bits_of(F::eval(a.chunk(0), b.chunk(0))) & 1U);
    ISOBAR_NEXT;
  }
  for (unsigned c = 0; c < W / 8; ++c)
    result |= bits_of(F::eval(a.chunk(c), b.chunk(c))) << (8 * c);
  write_bits<W, M>(warp, operation->rd, result);
  ISOBAR_NEXT;
}

// ---- moves and conversions --------------------------------------------------------------------

/// fmv.x.w: the bits of a single, sign-extended. Not boxed values count too, so raw registers are
/// read as they are.
template <unsigned W, bool M>
ISOBAR_HANDLER void move_single_to_integer(const Operation* operation, Warp* warp) {
  const FloatShape shape = warp->float_shape[operation->rs1];
  const u64* lanes = f_lanes<W>(warp, operation->rs1);
  if (shape == FloatShape::kSingle || shape == FloatShape::kRaw) {
    write_uniform<W, M>(warp, operation->rd,
                        static_cast<u64>(static_cast<i64>(static_cast<std::int32_t>(lanes[0]))));
    ISOBAR_NEXT;
  }
  alignas(64) u64 raw[W];
  raw_lanes<W>(warp, operation->rs1, raw);
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) {
    const auto low = __builtin_convertvector(load<U64x8>(raw + 8 * c), I32x8);
    put8<M>(warp, d, c, __builtin_convertvector(low, U64x8));
  }
  ISOBAR_NEXT;
}

template <unsigned W, bool M>
ISOBAR_HANDLER void move_real_to_integer(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  const Doubles<W> a = doubles<W>(warp, operation->rs1, scratch);
  if (a.step == 0) {
    write_uniform<W, M>(warp, operation->rd, bits(a.chunk(0))[0]);
    ISOBAR_NEXT;
  }
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, bits(a.chunk(c)));
  ISOBAR_NEXT;
}

ISOBAR_INLINE F32x16 join(F32x8 low, F32x8 high) {
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// Integer lanes to singles: `convert` makes eight of eight.
template <unsigned W, bool M, class Convert>
ISOBAR_INLINE void integer_to_single(const Operation* operation, Warp* warp, Convert&& convert) {
  if (warp->shape[operation->rs1] == Shape::kUniform) {
    const F32x8 eight = convert(U64x8(warp->base[operation->rs1]));
    write_uniform_single<W, M>(warp, operation->rd, join(eight, eight));
    return;
  }
  alignas(64) u64 scratch[W];
  const u64* a = view<W>(warp, operation->rs1, scratch);
  write_singles<W, M>(warp, operation->rd, [&](unsigned c) {
    return join(convert(load<U64x8>(a + 16 * c)), convert(load<U64x8>(a + 16 * c + 8)));
  });
}

template <unsigned W, bool M, class Convert>
ISOBAR_INLINE void integer_to_real(const Operation* operation, Warp* warp, Convert&& convert) {
  if (warp->shape[operation->rs1] == Shape::kUniform) {
    write_uniform_raw<W, M>(warp, operation->rd, convert(U64x8(warp->base[operation->rs1])));
    return;
  }
  alignas(64) u64 scratch[W];
  const u64* a = view<W>(warp, operation->rs1, scratch);
  write_doubles<W, M>(warp, operation->rd,
                      [&](unsigned c) { return convert(load<U64x8>(a + 8 * c)); });
}

struct FromW {
  template <class V>
  static ISOBAR_INLINE V eval(U64x8 a) {
    return __builtin_convertvector(__builtin_convertvector(a, I32x8), V);
  }
};
struct FromWu {
  template <class V>
  static ISOBAR_INLINE V eval(U64x8 a) {
    return __builtin_convertvector(__builtin_convertvector(a, U32x8), V);
  }
};
struct FromL {
  template <class V>
  static ISOBAR_INLINE V eval(U64x8 a) {
    return __builtin_convertvector(__builtin_bit_cast(I64x8, a), V);
  }
};
struct FromLu {
  template <class V>
  static ISOBAR_INLINE V eval(U64x8 a) {
    return __builtin_convertvector(a, V);
  }
};
struct MoveBits {
  template <class V>
  static ISOBAR_INLINE V eval(U64x8 a) {
    if constexpr (sizeof(V) == sizeof(U64x8))
      return __builtin_bit_cast(V, a);
    else
      return __builtin_bit_cast(V, __builtin_convertvector(a, U32x8));
  }
};

template <unsigned W, bool M, class From>
ISOBAR_HANDLER void to_single(const Operation* operation, Warp* warp) {
  integer_to_single<W, M>(operation, warp, [](U64x8 a) { return From::template eval<F32x8>(a); });
  ISOBAR_NEXT;
}
template <unsigned W, bool M, class From>
ISOBAR_HANDLER void to_real(const Operation* operation, Warp* warp) {
  integer_to_real<W, M>(operation, warp, [](U64x8 a) { return From::template eval<F64x8>(a); });
  ISOBAR_NEXT;
}

enum class Direction : std::uint8_t { kNearestEven, kTowardsZero, kDown, kUp };

/// The static rounding modes that have one host instruction.
template <Direction Mode>
ISOBAR_INLINE F64x8 round_to_integral(F64x8 v) {
  if constexpr (Mode == Direction::kTowardsZero) return __builtin_elementwise_trunc(v);
  if constexpr (Mode == Direction::kNearestEven) return __builtin_elementwise_roundeven(v);
  if constexpr (Mode == Direction::kDown) return __builtin_elementwise_floor(v);
  return __builtin_elementwise_ceil(v);
}

/// Rounded, saturated at the ends, NaN to the largest (chapter "F", table of valid ranges).
struct ToW {
  static ISOBAR_INLINE U64x8 eval(F64x8 v) {
    v = v < F64x8(-2147483648.0) ? F64x8(-2147483648.0) : v;
    v = v > F64x8(2147483647.0) ? F64x8(2147483647.0) : v;
    v = v != v ? F64x8(2147483647.0) : v;
    return __builtin_convertvector(__builtin_convertvector(v, I32x8), U64x8);
  }
};
struct ToWu {
  static ISOBAR_INLINE U64x8 eval(F64x8 v) {
    v = v < F64x8(0.0) ? F64x8(0.0) : v;
    v = v > F64x8(4294967295.0) ? F64x8(4294967295.0) : v;
    v = v != v ? F64x8(4294967295.0) : v;
    const I64x8 wide = __builtin_convertvector(v, I64x8);
    return __builtin_convertvector(__builtin_convertvector(wide, I32x8), U64x8);
  }
};  // sign-extended
struct ToL {
  static ISOBAR_INLINE U64x8 eval(F64x8 v) {
    const I64x8 low = v < F64x8(-9223372036854775808.0);
    const I64x8 high = ~(v < F64x8(9223372036854775808.0));  // NaN as well
    const F64x8 inside = (low | high) ? F64x8(0.0) : v;
    U64x8 r = __builtin_bit_cast(U64x8, __builtin_convertvector(inside, I64x8));
    r = low ? U64x8(0x8000000000000000ULL) : r;
    return high ? U64x8(0x7fffffffffffffffULL) : r;
  }
};
struct ToLu {
  static ISOBAR_INLINE U64x8 eval(F64x8 v) {
    const I64x8 low = v < F64x8(0.0);
    const I64x8 high = ~(v < F64x8(18446744073709551616.0));
    const F64x8 inside = (low | high) ? F64x8(0.0) : v;
    U64x8 r = __builtin_convertvector(inside, U64x8);
    r = low ? U64x8(0) : r;
    return high ? U64x8(~u64{0}) : r;
  }
};

template <unsigned W, bool M, class To, Direction Mode>
ISOBAR_HANDLER void single_to_integer(const Operation* operation, Warp* warp) {
  alignas(64) float scratch[W];
  const Singles<W> a = singles<W>(warp, operation->rs1, scratch);
  const auto eight = [&](const float* from) {
    return To::eval(round_to_integral<Mode>(__builtin_convertvector(load<F32x8>(from), F64x8)));
  };
  if (a.step == 0) {
    write_uniform<W, M>(warp, operation->rd, eight(a.lanes)[0]);
    ISOBAR_NEXT;
  }
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, eight(a.lanes + 8 * c));
  ISOBAR_NEXT;
}

template <unsigned W, bool M, class To, Direction Mode>
ISOBAR_HANDLER void real_to_integer(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  const Doubles<W> a = doubles<W>(warp, operation->rs1, scratch);
  if (a.step == 0) {
    write_uniform<W, M>(warp, operation->rd, To::eval(round_to_integral<Mode>(a.chunk(0)))[0]);
    ISOBAR_NEXT;
  }
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c)
    put8<M>(warp, d, c, To::eval(round_to_integral<Mode>(a.chunk(c))));
  ISOBAR_NEXT;
}

template <unsigned W, bool M>
ISOBAR_HANDLER void single_to_real(const Operation* operation, Warp* warp) {
  alignas(64) float scratch[W];
  const Singles<W> a = singles<W>(warp, operation->rs1, scratch);
  const auto eight = [&](const float* from) {
    return canonical(__builtin_convertvector(load<F32x8>(from), F64x8));
  };
  if (a.step == 0) {
    write_uniform_raw<W, M>(warp, operation->rd, eight(a.lanes));
  } else {
    // The destination may be the source, whose lanes are half as wide: convert all before writing.
    write_doubles<W, M>(warp, operation->rd, [&](unsigned c) { return eight(a.lanes + 8 * c); });
  }
  ISOBAR_NEXT;
}

template <unsigned W, bool M>
ISOBAR_HANDLER void real_to_single(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  const Doubles<W> a = doubles<W>(warp, operation->rs1, scratch);
  const auto eight = [](F64x8 v) { return __builtin_convertvector(v, F32x8); };
  if (a.step == 0) {
    const F32x8 value = eight(a.chunk(0));
    write_uniform_single<W, M>(warp, operation->rd, canonical(join(value, value)));
  } else {
    write_singles<W, M>(warp, operation->rd, [&](unsigned c) {
      return canonical(join(eight(a.chunk(2 * c)), eight(a.chunk(2 * c + 1))));
    });
  }
  ISOBAR_NEXT;
}

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
