// Integer functions. 8- to 32-bit types compute in a wider type; 64-bit ones take RISC-V's
// way (mulh, carries by comparison). clz, ctz, popcount, min, max, rotate are single Zbb instructions.
// Reference: OpenCL C 3.0, section 6.15.3.
#include "builtins.h"

FN int isobar_limit(int x, int low, int high) { return x < low ? low : x > high ? high : x; }
FN long isobar_limit(long x, long low, long high) { return x < low ? low : x > high ? high : x; }

// S, U: the signed and unsigned type of `bits` bits; W, UW: wider ones.
#define NARROW(S, U, W, UW, bits)                                                              \
  FN S isobar_fit_##S(W x) {                                                                   \
    return (S)isobar_limit(x, -((W)1 << (bits - 1)), ((W)1 << (bits - 1)) - 1);                \
  }                                                                                            \
  FN U isobar_fit_##U(W x) { return (U)isobar_limit(x, (W)0, ((W)1 << bits) - 1); }            \
  FN S add_sat(S a, S b) { return isobar_fit_##S((W)a + (W)b); }                               \
  FN U add_sat(U a, U b) { return isobar_fit_##U((W)a + (W)b); }                               \
  FN S sub_sat(S a, S b) { return isobar_fit_##S((W)a - (W)b); }                               \
  FN U sub_sat(U a, U b) { return isobar_fit_##U((W)a - (W)b); }                               \
  FN S hadd(S a, S b) { return (S)(((W)a + (W)b) >> 1); }                                      \
  FN U hadd(U a, U b) { return (U)(((UW)a + (UW)b) >> 1); }                                    \
  FN S rhadd(S a, S b) { return (S)(((W)a + (W)b + 1) >> 1); }                                 \
  FN U rhadd(U a, U b) { return (U)(((UW)a + (UW)b + 1) >> 1); }                               \
  FN S mul_hi(S a, S b) { return (S)(((W)a * (W)b) >> bits); }                                 \
  FN U mul_hi(U a, U b) { return (U)(((UW)a * (UW)b) >> bits); }                               \
  FN U abs_diff(S a, S b) { return (U)(a > b ? (W)a - (W)b : (W)b - (W)a); }                   \
  FN S mad_sat(S a, S b, S c) {                                                                \
    const W r = (W)a * (W)b + (W)c, low = -((W)1 << (bits - 1)), high = ~low;                  \
    return (S)(r < low ? low : r > high ? high : r);                                           \
  }                                                                                            \
  FN U mad_sat(U a, U b, U c) {                                                                \
    const UW r = (UW)a * (UW)b + (UW)c, high = ((UW)1 << bits) - 1;                            \
    return (U)(r > high ? high : r);                                                           \
  }
NARROW(char, uchar, int, uint, 8)
NARROW(short, ushort, long, ulong, 16)
NARROW(int, uint, long, ulong, 32)

FN long add_sat(long a, long b) { return __builtin_elementwise_add_sat(a, b); }
FN ulong add_sat(ulong a, ulong b) { return __builtin_elementwise_add_sat(a, b); }
FN long sub_sat(long a, long b) { return __builtin_elementwise_sub_sat(a, b); }
FN ulong sub_sat(ulong a, ulong b) { return __builtin_elementwise_sub_sat(a, b); }
FN long hadd(long a, long b) { return (a & b) + ((a ^ b) >> 1); }
FN ulong hadd(ulong a, ulong b) { return (a & b) + ((a ^ b) >> 1); }
FN long rhadd(long a, long b) { return (a | b) - ((a ^ b) >> 1); }
FN ulong rhadd(ulong a, ulong b) { return (a | b) - ((a ^ b) >> 1); }
// The front end's target has no 128-bit integers, RISC-V has the upper half of a product.
FN long mul_hi(long a, long b) {
  long high;
  __asm("mulh %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
}
FN ulong mul_hi(ulong a, ulong b) {
  ulong high;
  __asm("mulhu %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
}
FN ulong abs_diff(long a, long b) { return a > b ? (ulong)a - (ulong)b : (ulong)b - (ulong)a; }
FN long mad_sat(long a, long b, long c) {
  const ulong product = (ulong)a * (ulong)b, low = product + (ulong)c;
  const long high = mul_hi(a, b) + (c >> 63) + (low < product);
  return high == ((long)low >> 63) ? (long)low : high < 0 ? LONG_MIN : LONG_MAX;
}
FN ulong mad_sat(ulong a, ulong b, ulong c) {
  const ulong product = a * b, low = product + c;
  return mul_hi(a, b) + (low < product) != 0 ? ULONG_MAX : low;
}

#define EVERY(S, U, bits, ZERO_BITS, TRAILING, POP, UT)                                        \
  FN U abs(S a) { return a < 0 ? (U)-(U)a : (U)a; }                                            \
  FN U abs(U a) { return a; }                                                                  \
  FN U abs_diff(U a, U b) { return (U)(a > b ? a - b : b - a); }                               \
  FN S mad_hi(S a, S b, S c) { return (S)((U)mul_hi(a, b) + (U)c); }                           \
  FN U mad_hi(U a, U b, U c) { return (U)(mul_hi(a, b) + c); }                                 \
  FN U rotate(U a, U n) {                                                                      \
    return (U)((U)(a << (n & (bits - 1))) | (U)(a >> ((U)(0 - n) & (bits - 1))));              \
  }                                                                                            \
  FN S rotate(S a, S n) { return (S)rotate((U)a, (U)n); }                                      \
  FN U clz(U a) { return a ? (U)(ZERO_BITS((UT)a) - (sizeof(UT) * 8 - bits)) : (U)bits; }      \
  FN S clz(S a) { return (S)clz((U)a); }                                                       \
  FN U ctz(U a) { return a ? (U)TRAILING((UT)a) : (U)bits; }                                   \
  FN S ctz(S a) { return (S)ctz((U)a); }                                                       \
  FN U popcount(U a) { return (U)POP((UT)a); }                                                 \
  FN S popcount(S a) { return (S)POP((UT)(U)a); }                                              \
  FN S min(S a, S b) { return b < a ? b : a; }                                                 \
  FN U min(U a, U b) { return b < a ? b : a; }                                                 \
  FN S max(S a, S b) { return a < b ? b : a; }                                                 \
  FN U max(U a, U b) { return a < b ? b : a; }                                                 \
  FN S clamp(S a, S low, S high) { return min(max(a, low), high); }                            \
  FN U clamp(U a, U low, U high) { return min(max(a, low), high); }                            \
  VECTOR1(U, S, abs) VECTOR1(U, U, abs)                                                        \
  VECTOR1(S, S, clz) VECTOR1(U, U, clz) VECTOR1(S, S, ctz) VECTOR1(U, U, ctz)                  \
  VECTOR1(S, S, popcount) VECTOR1(U, U, popcount)                                              \
  VECTOR2(U, S, S, abs_diff) VECTOR2(U, U, U, abs_diff)                                        \
  BOTH2(S, U, add_sat) BOTH2(S, U, sub_sat) BOTH2(S, U, hadd) BOTH2(S, U, rhadd)               \
  BOTH2(S, U, mul_hi) BOTH2(S, U, rotate) BOTH2(S, U, min) BOTH2(S, U, max)                    \
  BOTH3(S, U, mad_hi) BOTH3(S, U, mad_sat) BOTH3(S, U, clamp)                                  \
  VECTOR_VS(S, S, min) VECTOR_VS(U, U, min) VECTOR_VS(S, S, max) VECTOR_VS(U, U, max)          \
  VECTOR_VSS(S, S, clamp) VECTOR_VSS(U, U, clamp)
#define BOTH2(S, U, f) VECTOR2(S, S, S, f) VECTOR2(U, U, U, f)
#define BOTH3(S, U, f) VECTOR3(S, S, S, S, f) VECTOR3(U, U, U, U, f)
EVERY(char, uchar, 8, __builtin_clz, __builtin_ctz, __builtin_popcount, uint)
EVERY(short, ushort, 16, __builtin_clz, __builtin_ctz, __builtin_popcount, uint)
EVERY(int, uint, 32, __builtin_clz, __builtin_ctz, __builtin_popcount, uint)
EVERY(long, ulong, 64, __builtin_clzl, __builtin_ctzl, __builtin_popcountl, ulong)

#define WIDEN(R, H, L, bits)                                            \
  FN R upsample(H high, L low) { return (R)((R)((R)high << bits) | (R)low); } \
  VECTOR2(R, H, L, upsample)
WIDEN(short, char, uchar, 8) WIDEN(ushort, uchar, uchar, 8)
WIDEN(int, short, ushort, 16) WIDEN(uint, ushort, ushort, 16)
WIDEN(long, int, uint, 32) WIDEN(ulong, uint, uint, 32)

// Operands of more than 24 bits give an implementation-defined result: here the full product.
FN int mul24(int a, int b) { return (int)((uint)a * (uint)b); }
FN uint mul24(uint a, uint b) { return a * b; }
FN int mad24(int a, int b, int c) { return (int)((uint)a * (uint)b + (uint)c); }
FN uint mad24(uint a, uint b, uint c) { return a * b + c; }
BOTH2(int, uint, mul24) BOTH3(int, uint, mad24)
