// Functions that libclc gives but for the sign of zero (C99, annex F.9, and OpenCL C 3.0, section 7.5.1).
// make_builtins.py renames libclc's to isobar_clc_<name>, so that its own callers keep them.
#include "builtins.h"

// f(-0) is -0.
#define KEEPS_ZERO(f)                 \
  PURE double isobar_clc_##f(double); \
  PURE double f(double x) { return x == 0.0 ? x : isobar_clc_##f(x); }
KEEPS_ZERO(sin) KEEPS_ZERO(tan) KEEPS_ZERO(atan) KEEPS_ZERO(atanpi) KEEPS_ZERO(expm1) KEEPS_ZERO(erf)

// sinpi(n) has the sign of n, cospi(n + 1/2) is +0, tanpi(n) has the sign of n if n is even and the
// other one if it is odd, and tanpi(n + 1/2) is infinity for even n and -infinity for odd n.
#define ANGLES(T, suffix)                                                                       \
  PURE T isobar_clc_sinpi(T);                                                                   \
  PURE T isobar_clc_cospi(T);                                                                   \
  PURE T isobar_clc_tanpi(T);                                                                   \
  PURE T sinpi(T x) {                                                                           \
    const T result = isobar_clc_sinpi(x);                                                       \
    return result == (T)0 ? __builtin_copysign##suffix(result, x) : result;                     \
  }                                                                                             \
  PURE T cospi(T x) { return isobar_clc_cospi(x) + (T)0; }                                      \
  PURE T tanpi(T x) {                                                                           \
    const T result = isobar_clc_tanpi(x), n = __builtin_floor##suffix(x);                       \
    const T sign = n == (T)2 * __builtin_floor##suffix(n * (T)0.5) ? (T)1 : (T)-1;              \
    if (result == (T)0) return __builtin_copysign##suffix(result, x) * sign;                    \
    return __builtin_isinf(result) ? (T)INFINITY * sign : result;                               \
  }
ANGLES(float, f) ANGLES(double, )
