// convert_T[_sat][_mode] for every pair of types. Integers to integers are casts or clamps; anything
// with a float in it is one fcvt instruction, which saturates by itself, then a clamp for narrow
// integers. Without _sat an out-of-range result is implementation-defined: here it is the low bits
// of the conversion to 64 bits. A NaN saturates to 0.
// Reference: OpenCL C 3.0, section 6.4.3.
#include "builtins.h"

// One conversion at every width; the width stands in front of the suffix: convert_int4_sat_rte.
#define FORMS(T, S, suffix, expression)                                                   \
  FN T convert_##T##suffix(S x) { return expression; }                                    \
  FN T##2 convert_##T##2##suffix(S##2 a) {                                                \
    return (T##2)(convert_##T##suffix(a.s0), convert_##T##suffix(a.s1));                  \
  }                                                                                       \
  FN T##3 convert_##T##3##suffix(S##3 a) {                                                \
    return (T##3)(convert_##T##suffix(a.s0), convert_##T##suffix(a.s1),                   \
                  convert_##T##suffix(a.s2));                                             \
  }                                                                                       \
  FN T##4 convert_##T##4##suffix(S##4 a) {                                                \
    return (T##4)(convert_##T##2##suffix(a.lo), convert_##T##2##suffix(a.hi));            \
  }                                                                                       \
  FN T##8 convert_##T##8##suffix(S##8 a) {                                                \
    return (T##8)(convert_##T##4##suffix(a.lo), convert_##T##4##suffix(a.hi));            \
  }                                                                                       \
  FN T##16 convert_##T##16##suffix(S##16 a) {                                             \
    return (T##16)(convert_##T##8##suffix(a.lo), convert_##T##8##suffix(a.hi));           \
  }
#define EVERY_MODE(T, S, sat, expression)                                                 \
  FORMS(T, S, sat, expression) FORMS(T, S, sat##_rte, expression)                         \
  FORMS(T, S, sat##_rtz, expression) FORMS(T, S, sat##_rtp, expression)                   \
  FORMS(T, S, sat##_rtn, expression)
#define EACH_INTEGER(M, ...)                                                              \
  M(char, __VA_ARGS__) M(uchar, __VA_ARGS__) M(short, __VA_ARGS__) M(ushort, __VA_ARGS__) \
  M(int, __VA_ARGS__) M(uint, __VA_ARGS__) M(long, __VA_ARGS__)

// Ranges. ulong has functions of its own, for it does not fit into a long.
#define LOW_char CHAR_MIN
#define LOW_uchar 0
#define LOW_short SHRT_MIN
#define LOW_ushort 0
#define LOW_int INT_MIN
#define LOW_uint 0
#define LOW_long LONG_MIN
#define HIGH_char CHAR_MAX
#define HIGH_uchar UCHAR_MAX
#define HIGH_short SHRT_MAX
#define HIGH_ushort USHRT_MAX
#define HIGH_int INT_MAX
#define HIGH_uint UINT_MAX
#define HIGH_long LONG_MAX
FN long isobar_clamp(long x, long low, long high) { return x < low ? low : x > high ? high : x; }

// Integer to integer.
#define BETWEEN(T, S)                                                                     \
  EVERY_MODE(T, S, , (T)x)                                                                \
  EVERY_MODE(T, S, _sat, (T)isobar_clamp((long)x, LOW_##T, HIGH_##T))
#define FROM_ULONG(T, ...)                                                                \
  EVERY_MODE(T, ulong, , (T)x)                                                            \
  EVERY_MODE(T, ulong, _sat, (T)(x > (ulong)HIGH_##T ? (ulong)HIGH_##T : x))
#define TO_ULONG(S, ...)                                                                  \
  EVERY_MODE(ulong, S, , (ulong)x)                                                        \
  EVERY_MODE(ulong, S, _sat, x < 0 ? 0ul : (ulong)x)
#define SWAP_BETWEEN(S, T) BETWEEN(T, S)
#define TO_EVERY(T, ...) EACH_INTEGER_AGAIN(SWAP_BETWEEN, T)
#define EACH_INTEGER_AGAIN(M, ...)                                                        \
  M(char, __VA_ARGS__) M(uchar, __VA_ARGS__) M(short, __VA_ARGS__) M(ushort, __VA_ARGS__) \
  M(int, __VA_ARGS__) M(uint, __VA_ARGS__) M(long, __VA_ARGS__)
EACH_INTEGER(TO_EVERY, )
EACH_INTEGER(FROM_ULONG, )
EACH_INTEGER(TO_ULONG, )
EVERY_MODE(ulong, ulong, , x)
EVERY_MODE(ulong, ulong, _sat, x)

// Integer to floating point. The plain form is a cast, so that it folds.
#define INTEGER_TO_FLOAT(S, F, f)                                                         \
  FORMS(F, S, , (F)x) FORMS(F, S, _rte, (F)x)                                             \
  FORMS(F, S, _rtz, isobar_##f##_from_l_rtz((long)x))                                     \
  FORMS(F, S, _rtp, isobar_##f##_from_l_rtp((long)x))                                     \
  FORMS(F, S, _rtn, isobar_##f##_from_l_rtn((long)x))
#define ULONG_TO_FLOAT(F, f)                                                              \
  FORMS(F, ulong, , (F)x) FORMS(F, ulong, _rte, (F)x)                                     \
  FORMS(F, ulong, _rtz, isobar_##f##_from_lu_rtz(x))                                      \
  FORMS(F, ulong, _rtp, isobar_##f##_from_lu_rtp(x))                                      \
  FORMS(F, ulong, _rtn, isobar_##f##_from_lu_rtn(x))

// Floating point to integer; the mode that is not named is rtz.
#define TO_LONG_MODES(T, F, f)                                                            \
  FORMS(T, F, , (T)isobar_l_from_##f##_rtz(x))                                            \
  FORMS(T, F, _rte, (T)isobar_l_from_##f##_rte(x))                                        \
  FORMS(T, F, _rtz, (T)isobar_l_from_##f##_rtz(x))                                        \
  FORMS(T, F, _rtp, (T)isobar_l_from_##f##_rtp(x))                                        \
  FORMS(T, F, _rtn, (T)isobar_l_from_##f##_rtn(x))
// The instruction turns a NaN into the largest integer, OpenCL into 0.
#define NOT_NAN(x) (-(long)(x == x))
#define SATURATE(T, f, mode) \
  (T)isobar_clamp(isobar_l_from_##f##_##mode(x) & NOT_NAN(x), LOW_##T, HIGH_##T)
#define FLOAT_TO_INTEGER(T, F, f)                                                         \
  TO_LONG_MODES(T, F, f)                                                                  \
  FORMS(T, F, _sat, SATURATE(T, f, rtz)) FORMS(T, F, _sat_rte, SATURATE(T, f, rte))       \
  FORMS(T, F, _sat_rtz, SATURATE(T, f, rtz)) FORMS(T, F, _sat_rtp, SATURATE(T, f, rtp))   \
  FORMS(T, F, _sat_rtn, SATURATE(T, f, rtn))
#define SATURATE_ULONG(f, mode) (isobar_lu_from_##f##_##mode(x) & (ulong)NOT_NAN(x))
#define FLOAT_TO_ULONG(F, f)                                                              \
  FORMS(ulong, F, , isobar_lu_from_##f##_rtz(x))                                          \
  FORMS(ulong, F, _rte, isobar_lu_from_##f##_rte(x))                                      \
  FORMS(ulong, F, _rtz, isobar_lu_from_##f##_rtz(x))                                      \
  FORMS(ulong, F, _rtp, isobar_lu_from_##f##_rtp(x))                                      \
  FORMS(ulong, F, _rtn, isobar_lu_from_##f##_rtn(x))                                      \
  FORMS(ulong, F, _sat, SATURATE_ULONG(f, rtz))                                           \
  FORMS(ulong, F, _sat_rte, SATURATE_ULONG(f, rte))                                       \
  FORMS(ulong, F, _sat_rtz, SATURATE_ULONG(f, rtz))                                       \
  FORMS(ulong, F, _sat_rtp, SATURATE_ULONG(f, rtp))                                       \
  FORMS(ulong, F, _sat_rtn, SATURATE_ULONG(f, rtn))
#define FLOAT_AND_INTEGERS(F, f)                                                          \
  EACH_INTEGER(INTEGER_TO_FLOAT, F, f) EACH_INTEGER(FLOAT_TO_INTEGER, F, f)               \
  ULONG_TO_FLOAT(F, f) FLOAT_TO_ULONG(F, f)
FLOAT_AND_INTEGERS(float, s) FLOAT_AND_INTEGERS(double, d) FLOAT_AND_INTEGERS(half, h)

// Between floating-point types: widening is exact.
#define WIDENING(T, S) EVERY_MODE(T, S, , (T)x)
#define NARROWING(T, t, S, s)                                                             \
  FORMS(T, S, , (T)x) FORMS(T, S, _rte, (T)x)                                             \
  FORMS(T, S, _rtz, isobar_##t##_from_##s##_rtz(x))                                       \
  FORMS(T, S, _rtp, isobar_##t##_from_##s##_rtp(x))                                       \
  FORMS(T, S, _rtn, isobar_##t##_from_##s##_rtn(x))
WIDENING(half, half) WIDENING(float, float) WIDENING(double, double)
WIDENING(float, half) WIDENING(double, half) WIDENING(double, float)
NARROWING(half, h, float, s) NARROWING(half, h, double, d) NARROWING(float, s, double, d)
