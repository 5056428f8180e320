// Mathematics that is exact or a machine instruction: rounding, fused multiply-add, sign and
// exponent manipulation, and the forms of these for half. One definition per type by macro.
// Reference: OpenCL C 3.0, section 6.15.2.
#include "builtins.h"

#define VECTORS1(T, f) VECTOR1(T, T, f)
#define VECTORS2(T, f) VECTOR2(T, T, T, f)
#define VECTORS3(T, f) VECTOR3(T, T, T, T, f)

// T, its integers I and U, bits of mantissa M and exponent E, builtin suffix.
#define EXACT(T, I, U, M, E, suffix)                                                            \
  FN T fabs(T x) { return __builtin_fabs##suffix(x); }                                          \
  FN T sqrt(T x) { return __builtin_sqrt##suffix(x); }                                          \
  FN T floor(T x) { return __builtin_floor##suffix(x); }                                        \
  FN T ceil(T x) { return __builtin_ceil##suffix(x); }                                          \
  FN T trunc(T x) { return __builtin_trunc##suffix(x); }                                        \
  FN T rint(T x) { return __builtin_rint##suffix(x); }                                          \
  FN T round(T x) { return __builtin_round##suffix(x); }                                        \
  FN T copysign(T x, T y) { return __builtin_copysign##suffix(x, y); }                          \
  FN T fmin(T x, T y) { return __builtin_fmin##suffix(x, y); }                                  \
  FN T fmax(T x, T y) { return __builtin_fmax##suffix(x, y); }                                  \
  FN T fma(T x, T y, T z) { return __builtin_fma##suffix(x, y, z); }                            \
  FN T mad(T x, T y, T z) { return __builtin_fma##suffix(x, y, z); }                            \
  FN T fdim(T x, T y) { return x <= y ? (T)0 : x - y; }                                         \
  FN T maxmag(T x, T y) {                                                                       \
    const T a = fabs(x), b = fabs(y);                                                           \
    return a > b ? x : b > a ? y : fmax(x, y);                                                  \
  }                                                                                             \
  FN T minmag(T x, T y) {                                                                       \
    const T a = fabs(x), b = fabs(y);                                                           \
    return a < b ? x : b < a ? y : fmin(x, y);                                                  \
  }                                                                                             \
  FN T nan(U code) { return as_##T((U)((((U)1 << (E + 1)) - 1) << (M - 1) | (code & (((U)1 << (M - 1)) - 1)))); } \
  FN T nextafter(T x, T y) {                                                                    \
    if (x != x || y != y) return x + y;                                                         \
    if (x == y) return y;                                                                       \
    const I bits = as_##I(x);                                                                   \
    if (x == (T)0) return copysign(as_##T((I)1), y);                                            \
    return as_##T((I)(bits + (((x < y) == (bits >= 0)) ? 1 : -1)));                             \
  }                                                                                             \
  /* Exponent of a finite nonzero number, subnormals included. */                               \
  FN int isobar_exponent(T x) {                                                                 \
    const U magnitude = as_##U(fabs(x));                                                        \
    const int field = (int)(magnitude >> M);                                                    \
    const int leading = (int)(sizeof(ulong) * 8 - 1) - (int)__builtin_clzl((ulong)magnitude | 1); \
    const int normal = field - ((1 << (E - 1)) - 1);                                            \
    return field ? normal : leading - M - ((1 << (E - 1)) - 2);                                 \
  }                                                                                             \
  FN int ilogb(T x) {                                                                           \
    if (x == (T)0) return FP_ILOGB0;                                                            \
    if (x != x) return FP_ILOGBNAN;                                                             \
    if (__builtin_isinf(x)) return INT_MAX;                                                     \
    return isobar_exponent(x);                                                                  \
  }                                                                                             \
  FN T logb(T x) {                                                                              \
    if (x == (T)0) return (T)-INFINITY;                                                         \
    if (!__builtin_isfinite(x)) return x * x;                                                   \
    return (T)isobar_exponent(x);                                                               \
  }                                                                                             \
  ACT T fract(T x, T* whole) {                                                                  \
    const T down = floor(x);                                                                    \
    *whole = down;                                                                              \
    const T largest = as_##T((U)(((U)((1 << (E - 1)) - 1) << M) - 1)); /* below 1 */            \
    const T rest = __builtin_isinf(x) ? (T)0 : x - down;                                        \
    return x != x ? x : copysign(fmin(rest, largest), x == (T)0 ? x : (T)1);                    \
  }                                                                                             \
  ACT T modf(T x, T* whole) {                                                                   \
    const T towards_zero = trunc(x);                                                            \
    *whole = towards_zero;                                                                      \
    return copysign(__builtin_isinf(x) ? (T)0 : x - towards_zero, x);                           \
  }                                                                                             \
  ACT T frexp(T x, int* exponent) {                                                             \
    if (x == (T)0 || !__builtin_isfinite(x)) {                                                  \
      *exponent = 0;                                                                            \
      return x;                                                                                 \
    }                                                                                           \
    const int e = isobar_exponent(x) + 1;                                                       \
    *exponent = e;                                                                              \
    return ldexp(x, -e);                                                                        \
  }                                                                                             \
  VECTORS1(T, fabs) VECTORS1(T, sqrt) VECTORS1(T, rsqrt) VECTORS1(T, floor) VECTORS1(T, ceil)   \
  VECTORS1(T, trunc) VECTORS1(T, rint) VECTORS1(T, round) VECTORS1(T, logb)                     \
  VECTORS2(T, copysign) VECTORS2(T, fmin) VECTORS2(T, fmax) VECTORS2(T, fdim)                   \
  VECTORS2(T, maxmag) VECTORS2(T, minmag) VECTORS2(T, nextafter)                                \
  VECTORS3(T, fma) VECTORS3(T, mad)                                                             \
  VECTOR_VS(T, T, fmin) VECTOR_VS(T, T, fmax)                                                   \
  VECTOR1(int, T, ilogb) VECTOR1(T, U, nan)                                                     \
  VECTOR2(T, T, int, ldexp) VECTOR_VS(T, int, ldexp)                                            \
  VECTOR1_OUT(T, T, T, fract) VECTOR1_OUT(T, T, T, modf) VECTOR1_OUT(T, T, int, frexp)

// x 2^n with one rounding. In the next wider format the product is exact over all n that matter.
FN float ldexp(float x, int n) {
  const int k = n < -1000 ? -1000 : n > 1000 ? 1000 : n;
  return (float)((double)x * as_double((ulong)(k + 1023) << 52));
}
FN half ldexp(half x, int n) {
  const int k = n < -100 ? -100 : n > 100 ? 100 : n;
  return (half)((float)x * as_float((uint)(k + 127) << 23));
}
FN double isobar_power_of_two(int n) { return as_double((ulong)(n + 1023) << 52); }
// Double has no wider format. Large steps first; on the way down every step but the last stays
// where products are exact (2^-969 leaves 53 bits above the smallest normal number).
FN double ldexp(double x, int n) {
  if (n > 1023) {
    x *= isobar_power_of_two(1023);
    n -= 1023;
    if (n > 1023) {
      x *= isobar_power_of_two(1023);
      n -= 1023;
      n = n > 1023 ? 1023 : n;
    }
  } else if (n < -1022) {
    x *= isobar_power_of_two(-969);
    n += 969;
    if (n < -1022) {
      x *= isobar_power_of_two(-969);
      n += 969;
      n = n < -1022 ? -1022 : n;
    }
  }
  return x * isobar_power_of_two(n);
}

FN float rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }
FN double rsqrt(double x) { return 1.0 / __builtin_sqrt(x); }
FN half rsqrt(half x) { return (half)(1.0f / __builtin_sqrtf((float)x)); }

EXACT(float, int, uint, 23, 8, f)
EXACT(double, long, ulong, 52, 11, )
EXACT(half, short, ushort, 10, 5, f16)
