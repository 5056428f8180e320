// Integer instructions. Each meaning is one `eval`, for a scalar and for a vector of eight lanes
// alike; where the result of affine operands is affine again, `affine` says so and how.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine/common.h"

namespace isobar::simt::ISOBAR_ENGINE {

struct Affine {
  u64 base;
  i64 stride;
};

// ---- scalar and vector spellings of the same thing ------------------------------------------

ISOBAR_INLINE u64 sext32(u64 v) {
  return static_cast<u64>(static_cast<i64>(static_cast<std::int32_t>(v)));
}
ISOBAR_INLINE U64x8 sext32(U64x8 v) {
  return __builtin_convertvector(__builtin_convertvector(v, I32x8), U64x8);
}
ISOBAR_INLINE u64 zext32(u64 v) { return v & 0xffffffffU; }
ISOBAR_INLINE U64x8 zext32(U64x8 v) { return v & U64x8(0xffffffffU); }
ISOBAR_INLINE u64 less(u64 a, u64 b) { return static_cast<i64>(a) < static_cast<i64>(b) ? 1 : 0; }
ISOBAR_INLINE U64x8 less(U64x8 a, U64x8 b) {
  return __builtin_bit_cast(U64x8, __builtin_bit_cast(I64x8, a) < __builtin_bit_cast(I64x8, b)) &
         U64x8(1);
}
ISOBAR_INLINE u64 below(u64 a, u64 b) { return a < b ? 1 : 0; }
ISOBAR_INLINE U64x8 below(U64x8 a, U64x8 b) { return __builtin_bit_cast(U64x8, a < b) & U64x8(1); }
ISOBAR_INLINE u64 equal(u64 a, u64 b) { return a == b ? 1 : 0; }
ISOBAR_INLINE U64x8 equal(U64x8 a, U64x8 b) { return __builtin_bit_cast(U64x8, a == b) & U64x8(1); }
ISOBAR_INLINE u64 sra(u64 a, u64 n) { return static_cast<u64>(static_cast<i64>(a) >> n); }
ISOBAR_INLINE U64x8 sra(U64x8 a, U64x8 n) {
  return __builtin_bit_cast(U64x8, __builtin_bit_cast(I64x8, a) >> __builtin_bit_cast(I64x8, n));
}
template <class T>
ISOBAR_INLINE T choose(T condition, T yes, T no) {  // condition is 0 or 1 per lane
  const T mask = T(0) - condition;
  return (yes & mask) | (no & ~mask);
}

/// A function of scalars, lane by lane (the rare ones).
template <class Function>
ISOBAR_INLINE U64x8 each(U64x8 a, U64x8 b, Function&& function) {
  U64x8 r;
  for (unsigned l = 0; l < 8; ++l) r[l] = function(static_cast<u64>(a[l]), static_cast<u64>(b[l]));
  return r;
}

// ---- affine rules ---------------------------------------------------------------------------

/// The value of the last lane; sums wrap as the machine's do.
ISOBAR_INLINE u64 last_of(const Affine& a, unsigned lanes) {
  return a.base + static_cast<u64>(a.stride) * (lanes - 1);
}

/// Sign-extending the low word keeps a progression affine if the words do not wrap over the lanes.
ISOBAR_INLINE bool affine_sext32(Affine& a, unsigned lanes) {
  const auto stride = static_cast<i64>(static_cast<std::int32_t>(a.stride));
  const auto first = static_cast<i64>(sext32(a.base));
  const i64 last = first + stride * static_cast<i64>(lanes - 1);
  if (last != static_cast<i64>(static_cast<std::int32_t>(last))) return false;
  a = {static_cast<u64>(first), stride};
  return true;
}

ISOBAR_INLINE bool affine_zext32(Affine& a, unsigned lanes) {
  const auto stride = static_cast<i64>(static_cast<std::int32_t>(a.stride));
  const auto first = static_cast<i64>(zext32(a.base));
  const i64 last = first + stride * static_cast<i64>(lanes - 1);
  if (last < 0 || last > 0xffffffffLL) return false;
  a = {static_cast<u64>(first), stride};
  return true;
}

/// No lane wraps around 2^64 when the progression is read as unsigned.
ISOBAR_INLINE bool does_not_wrap(const Affine& a, unsigned lanes) {
  u64 span;
  if (__builtin_mul_overflow(static_cast<u64>(a.stride < 0 ? -a.stride : a.stride), u64{lanes - 1},
                             &span))
    return false;
  return a.stride < 0 ? a.base >= span : a.base + span >= a.base;
}

/// Shifting right: uniform if all lanes land on one value, affine if nothing but zeros falls off.
ISOBAR_INLINE bool affine_shift_right(const Affine& a, u64 n, Affine& r, unsigned lanes) {
  if (!does_not_wrap(a, lanes)) return false;
  const u64 first = a.base >> n;
  if (first == last_of(a, lanes) >> n) {
    r = {first, 0};
    return true;
  }
  const u64 low = (u64{1} << n) - 1;
  if (((a.base | static_cast<u64>(a.stride)) & low) != 0 || a.stride < 0) return false;
  r = {first, static_cast<i64>(static_cast<u64>(a.stride) >> n)};
  return true;
}

/// And with 2^k - 1: affine if all lanes lie in one block of 2^k.
ISOBAR_INLINE bool affine_low_bits(const Affine& a, u64 mask, Affine& r, unsigned lanes) {
  if ((mask & (mask + 1)) != 0 || !does_not_wrap(a, lanes)) return false;
  if ((a.base & ~mask) != (last_of(a, lanes) & ~mask)) return false;
  r = {a.base & mask, a.stride};
  return true;
}

struct NoAffine {
  static ISOBAR_INLINE bool affine(const Affine&, const Affine&, Affine&, unsigned) {
    return false;
  }
};

// ---- the instructions -----------------------------------------------------------------------

#define ISOBAR_PLAIN(Name, expression)      \
  struct Name : NoAffine {                  \
    template <class T>                      \
    static ISOBAR_INLINE T eval(T a, T b) { \
      (void)b;                              \
      return expression;                    \
    }                                       \
  };
#define ISOBAR_EACH(Name, expression)                             \
  struct Name : NoAffine {                                        \
    static ISOBAR_INLINE u64 eval(u64 a, u64 b) {                 \
      (void)b;                                                    \
      return expression;                                          \
    }                                                             \
    static ISOBAR_INLINE U64x8 eval(U64x8 a, U64x8 b) {           \
      return each(a, b, [](u64 p, u64 q) { return eval(p, q); }); \
    }                                                             \
  };

struct Add {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a + b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned) {
    r = {a.base + b.base,
         static_cast<i64>(static_cast<u64>(a.stride) + static_cast<u64>(b.stride))};
    return true;
  }
};
struct Sub {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a - b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned) {
    r = {a.base - b.base,
         static_cast<i64>(static_cast<u64>(a.stride) - static_cast<u64>(b.stride))};
    return true;
  }
};
struct AddW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(a + b);
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    return Add::affine(a, b, r, n) && affine_sext32(r, n);
  }
};
struct SubW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(a - b);
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    return Sub::affine(a, b, r, n) && affine_sext32(r, n);
  }
};
/// base * 2^k for a uniform shift count.
ISOBAR_INLINE Affine scaled(const Affine& a, u64 factor) {
  return {a.base * factor, static_cast<i64>(static_cast<u64>(a.stride) * factor)};
}
struct Sll {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a << (b & T(63));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned) {
    r = scaled(a, u64{1} << (b.base & 63U));
    return b.stride == 0;
  }
};
struct SllW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(a << (b & T(31)));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    r = scaled(a, u64{1} << (b.base & 31U));
    return b.stride == 0 && affine_sext32(r, n);
  }
};
struct Srl {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a >> (b & T(63));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    return b.stride == 0 && affine_shift_right(a, b.base & 63U, r, n);
  }
};
struct SrlW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(zext32(a) >> (b & T(31)));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    Affine low = a;
    return b.stride == 0 && affine_zext32(low, n) && affine_shift_right(low, b.base & 31U, r, n) &&
           affine_sext32(r, n);
  }
};
struct Sra {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sra(a, b & T(63));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    // For a progression that stays non-negative it is a logical shift.
    return b.stride == 0 && static_cast<i64>(a.base) >= 0 && static_cast<i64>(last_of(a, n)) >= 0 &&
           affine_shift_right(a, b.base & 63U, r, n);
  }
};
struct SraW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(sra(sext32(a), b & T(31)));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    Affine low = a;
    const Affine count = {b.base & 31U, b.stride};
    return affine_sext32(low, n) && Sra::affine(low, count, r, n);
  }
};
struct And {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a & b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    if (b.stride == 0) return affine_low_bits(a, b.base, r, n);
    return a.stride == 0 && affine_low_bits(b, a.base, r, n);
  }
};
ISOBAR_PLAIN(Or, a | b)
ISOBAR_PLAIN(Xor, a ^ b)
ISOBAR_PLAIN(Slt, less(a, b))
ISOBAR_PLAIN(Sltu, below(a, b))

template <unsigned K>
struct ShAdd {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return (a << T(K)) + b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    return Add::affine(scaled(a, u64{1} << K), b, r, n);
  }
};
template <unsigned K>
struct ShAddUw {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return (zext32(a) << T(K)) + b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    Affine low = a;
    return affine_zext32(low, n) && Add::affine(scaled(low, u64{1} << K), b, r, n);
  }
};
struct SlliUw {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return zext32(a) << (b & T(63));
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    r = a;
    if (b.stride != 0 || !affine_zext32(r, n)) return false;
    r = scaled(r, u64{1} << (b.base & 63U));
    return true;
  }
};

struct Mul {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return a * b;
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned) {
    if (a.stride != 0 && b.stride != 0) return false;
    r = b.stride == 0 ? scaled(a, b.base) : scaled(b, a.base);
    return true;
  }
};
struct MulW {
  template <class T>
  static ISOBAR_INLINE T eval(T a, T b) {
    return sext32(a * b);
  }
  static ISOBAR_INLINE bool affine(const Affine& a, const Affine& b, Affine& r, unsigned n) {
    return Mul::affine(a, b, r, n) && affine_sext32(r, n);
  }
};
using i128 = __int128;
using u128 = unsigned __int128;
ISOBAR_EACH(Mulh, static_cast<u64>((i128{static_cast<i64>(a)} * static_cast<i64>(b)) >> 64))
ISOBAR_EACH(Mulhsu, static_cast<u64>((i128{static_cast<i64>(a)} * static_cast<i128>(b)) >> 64))
ISOBAR_EACH(Mulhu, static_cast<u64>((u128{a} * b) >> 64))

// Division by zero and the one overflow have defined results (chapter "M", table of special cases).
template <class S>
ISOBAR_INLINE S divide(S a, S b) {
  if (b == 0) return static_cast<S>(-1);
  if constexpr (std::is_signed_v<S>) {
    if (b == -1) return static_cast<S>(0 - static_cast<std::make_unsigned_t<S>>(a));
  }
  return a / b;
}
template <class S>
ISOBAR_INLINE S remainder(S a, S b) {
  if (b == 0) return a;
  if constexpr (std::is_signed_v<S>) {
    if (b == -1) return 0;
  }
  return a % b;
}
using i32 = std::int32_t;
using u32 = std::uint32_t;
template <class S>
ISOBAR_INLINE u64 widen(S value) {
  return static_cast<u64>(static_cast<i64>(value));
}
ISOBAR_EACH(Div, widen(divide(static_cast<i64>(a), static_cast<i64>(b))))
ISOBAR_EACH(Divu, divide(a, b))
ISOBAR_EACH(Rem, widen(remainder(static_cast<i64>(a), static_cast<i64>(b))))
ISOBAR_EACH(Remu, remainder(a, b))
ISOBAR_EACH(DivW, widen(divide(static_cast<i32>(a), static_cast<i32>(b))))
ISOBAR_EACH(DivuW, widen(static_cast<i32>(divide(static_cast<u32>(a), static_cast<u32>(b)))))
ISOBAR_EACH(RemW, widen(remainder(static_cast<i32>(a), static_cast<i32>(b))))
ISOBAR_EACH(RemuW, widen(static_cast<i32>(remainder(static_cast<u32>(a), static_cast<u32>(b)))))

ISOBAR_PLAIN(Andn, a & ~b)
ISOBAR_PLAIN(Orn, a | ~b)
ISOBAR_PLAIN(Xnor, ~(a ^ b))
ISOBAR_PLAIN(Min, choose(less(a, b), a, b))
ISOBAR_PLAIN(Minu, choose(below(a, b), a, b))
ISOBAR_PLAIN(Max, choose(less(a, b), b, a))
ISOBAR_PLAIN(Maxu, choose(below(a, b), b, a))
ISOBAR_PLAIN(Rol, (a << (b & T(63))) | (a >> ((T(0) - b) & T(63))))
ISOBAR_PLAIN(Ror, (a >> (b & T(63))) | (a << ((T(0) - b) & T(63))))
ISOBAR_PLAIN(RolW, sext32((a << (b & T(31))) | (zext32(a) >> ((T(0) - b) & T(31)))))
ISOBAR_PLAIN(RorW, sext32((zext32(a) >> (b & T(31))) | (a << ((T(0) - b) & T(31)))))
ISOBAR_EACH(Clz, a == 0 ? 64 : static_cast<u64>(__builtin_clzll(a)))
ISOBAR_EACH(Ctz, a == 0 ? 64 : static_cast<u64>(__builtin_ctzll(a)))
ISOBAR_EACH(Cpop, static_cast<u64>(__builtin_popcountll(a)))
ISOBAR_EACH(ClzW,
            static_cast<u32>(a) == 0 ? 32 : static_cast<u64>(__builtin_clz(static_cast<u32>(a))))
ISOBAR_EACH(CtzW,
            static_cast<u32>(a) == 0 ? 32 : static_cast<u64>(__builtin_ctz(static_cast<u32>(a))))
ISOBAR_EACH(CpopW, static_cast<u64>(__builtin_popcount(static_cast<u32>(a))))
ISOBAR_PLAIN(SextB, sra(a << T(56), T(56)))
ISOBAR_PLAIN(SextH, sra(a << T(48), T(48)))
ISOBAR_PLAIN(ZextH, a& T(0xffff))
ISOBAR_EACH(OrcB, ((((a & 0x7f7f7f7f7f7f7f7fULL) + 0x7f7f7f7f7f7f7f7fULL) | a) >> 7 &
                   0x0101010101010101ULL) *
                      0xffU)
ISOBAR_EACH(Rev8, __builtin_bswap64(a))
ISOBAR_PLAIN(Bclr, a & ~(T(1) << (b & T(63))))
ISOBAR_PLAIN(Bext, (a >> (b & T(63))) & T(1))
ISOBAR_PLAIN(Binv, a ^ (T(1) << (b & T(63))))
ISOBAR_PLAIN(Bset, a | (T(1) << (b & T(63))))
ISOBAR_PLAIN(CzeroEqz, choose(equal(b, T(0)), T(0), a))
ISOBAR_PLAIN(CzeroNez, choose(equal(b, T(0)), a, T(0)))
#undef ISOBAR_PLAIN
#undef ISOBAR_EACH

// ---- handlers -------------------------------------------------------------------------------

template <unsigned W, bool M, class F, bool Immediate>
ISOBAR_INLINE void integer_vector(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch_a[W];
  alignas(64) u64 scratch_b[W];
  const u64* a = view<W>(warp, operation->rs1, scratch_a);
  const bool b_uniform = Immediate || warp->shape[operation->rs2] == Shape::kUniform;
  const u64 b_value =
      Immediate ? static_cast<u64>(operation->immediate) : warp->base[operation->rs2];
  const u64* b = b_uniform ? nullptr : view<W>(warp, operation->rs2, scratch_b);
  if (M && operation->rd == operation->rs1) a = view<W>(warp, operation->rs1, scratch_a);
  u64* d = vector_destination<W, M>(warp, operation->rd);
  if (b_uniform) {
    for (unsigned c = 0; c < W / 8; ++c) {
      put8<M>(warp, d, c, F::eval(load<U64x8>(a + 8 * c), U64x8(b_value)));
    }
  } else {
    for (unsigned c = 0; c < W / 8; ++c) {
      put8<M>(warp, d, c, F::eval(load<U64x8>(a + 8 * c), load<U64x8>(b + 8 * c)));
    }
  }
}

template <unsigned W, bool M, class F, bool Immediate>
ISOBAR_HANDLER void integer(const Operation* operation, Warp* warp) {
  const Shape a_shape = warp->shape[operation->rs1];
  const Shape b_shape = Immediate ? Shape::kUniform : warp->shape[operation->rs2];
  const auto either = static_cast<unsigned>(a_shape) | static_cast<unsigned>(b_shape);
  const u64 a = warp->base[operation->rs1];
  const u64 b = Immediate ? static_cast<u64>(operation->immediate) : warp->base[operation->rs2];
  if (either == 0) [[likely]] {
    write_uniform<W, M>(warp, operation->rd, F::eval(a, b));
    ISOBAR_NEXT;
  }
  if (either == 1) {
    Affine result;
    const i64 b_stride = Immediate ? 0 : warp->stride[operation->rs2];
    if (F::affine({a, warp->stride[operation->rs1]}, {b, b_stride}, result, W)) {
      write_affine<W, M>(warp, operation->rd, result.base, result.stride);
      ISOBAR_NEXT;
    }
  }
  integer_vector<W, M, F, Immediate>(operation, warp);
  ISOBAR_NEXT;
}

/// lui and auipc: the decoder has put the value, pc included, into the immediate.
template <unsigned W, bool M>
ISOBAR_HANDLER void constant(const Operation* operation, Warp* warp) {
  write_uniform<W, M>(warp, operation->rd, static_cast<u64>(operation->immediate));
  ISOBAR_NEXT;
}

ISOBAR_HANDLER inline void nothing(const Operation* operation, Warp* warp) { ISOBAR_NEXT; }

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
