// Transcendental functions: vector forms, and half computed in float and rounded once. The scalar
// float and double ones come from libclc, or for float from math_float.cl where ours is faster.
// Reference: OpenCL C 3.0, section 6.15.2; accuracy section 7.4.
#include "builtins.h"

// f(T) for float and double is defined elsewhere; half and every vector here.
#define HARD1(f)                                          \
  PURE float f(float);                                    \
  PURE double f(double);                                  \
  FN half f(half x) { return (half)f((float)x); }         \
  VECTOR1(float, float, f) VECTOR1(double, double, f) VECTOR1(half, half, f)
#define HARD2(f)                                                                  \
  PURE float f(float, float);                                                     \
  PURE double f(double, double);                                                  \
  FN half f(half x, half y) { return (half)f((float)x, (float)y); }               \
  VECTOR2(float, float, float, f) VECTOR2(double, double, double, f)              \
  VECTOR2(half, half, half, f)
// f(T, int)
#define HARD_INT(f)                                                               \
  PURE float f(float, int);                                                       \
  PURE double f(double, int);                                                     \
  FN half f(half x, int n) { return (half)f((float)x, n); }                       \
  VECTOR2(float, float, int, f) VECTOR2(double, double, int, f) VECTOR2(half, half, int, f)

HARD1(acos) HARD1(acosh) HARD1(acospi) HARD1(asin) HARD1(asinh) HARD1(asinpi) HARD1(atan)
HARD1(atanh) HARD1(atanpi) HARD1(cbrt) HARD1(cos) HARD1(cosh) HARD1(cospi) HARD1(erf) HARD1(erfc)
HARD1(exp) HARD1(exp2) HARD1(exp10) HARD1(expm1) HARD1(lgamma) HARD1(log) HARD1(log2)
HARD1(log10) HARD1(log1p) HARD1(sin) HARD1(sinh) HARD1(sinpi) HARD1(tan) HARD1(tanh) HARD1(tanpi)
HARD1(tgamma)
HARD2(atan2) HARD2(atan2pi) HARD2(fmod) HARD2(hypot) HARD2(pow) HARD2(powr) HARD2(remainder)
HARD_INT(pown) HARD_INT(rootn)

ACT float sincos(float x, float* cosine) { *cosine = cos(x); return sin(x); }
ACT double sincos(double x, double* cosine) { *cosine = cos(x); return sin(x); }
ACT half sincos(half x, half* cosine) { *cosine = cos(x); return sin(x); }
VECTOR1_OUT(float, float, float, sincos)
VECTOR1_OUT(double, double, double, sincos)
VECTOR1_OUT(half, half, half, sincos)

__attribute__((overloadable)) float lgamma_r(float, int*);
__attribute__((overloadable)) double lgamma_r(double, int*);
ACT half lgamma_r(half x, int* sign) { return (half)lgamma_r((float)x, sign); }
VECTOR1_OUT(float, float, int, lgamma_r)
VECTOR1_OUT(double, double, int, lgamma_r)
VECTOR1_OUT(half, half, int, lgamma_r)

__attribute__((overloadable)) float remquo(float, float, int*);
__attribute__((overloadable)) double remquo(double, double, int*);
ACT half remquo(half x, half y, int* quotient) {
  return (half)remquo((float)x, (float)y, quotient);
}
#define REMQUO(T)                                                                        \
  ACT T##2 remquo(T##2 a, T##2 b, int2* q) {                                             \
    int x, y;                                                                            \
    const T##2 r = (T##2)(remquo(a.s0, b.s0, &x), remquo(a.s1, b.s1, &y));               \
    *q = (int2)(x, y);                                                                   \
    return r;                                                                            \
  }                                                                                      \
  ACT T##3 remquo(T##3 a, T##3 b, int3* q) {                                             \
    int2 x;                                                                              \
    int y;                                                                               \
    const T##3 r = (T##3)(remquo(a.s01, b.s01, &x), remquo(a.s2, b.s2, &y));             \
    *q = (int3)(x, y);                                                                   \
    return r;                                                                            \
  }                                                                                      \
  REMQUO_HALVES(T, 4, 2) REMQUO_HALVES(T, 8, 4) REMQUO_HALVES(T, 16, 8)
#define REMQUO_HALVES(T, n, h)                                                           \
  ACT T##n remquo(T##n a, T##n b, int##n* q) {                                           \
    int##h x, y;                                                                         \
    const T##n r = (T##n)(remquo(a.lo, b.lo, &x), remquo(a.hi, b.hi, &y));               \
    *q = (int##n)(x, y);                                                                 \
    return r;                                                                            \
  }
REMQUO(float) REMQUO(double) REMQUO(half)

// native_ and half_: float only. The scalars are in math_float.cl.
#define QUICK1(f) FN float native_##f(float); FN float half_##f(float);              \
  VECTOR1(float, float, native_##f) VECTOR1(float, float, half_##f)
#define QUICK2(f) FN float native_##f(float, float); FN float half_##f(float, float); \
  VECTOR2(float, float, float, native_##f) VECTOR2(float, float, float, half_##f)
QUICK1(cos) QUICK1(exp) QUICK1(exp2) QUICK1(exp10) QUICK1(log) QUICK1(log2) QUICK1(log10)
QUICK1(recip) QUICK1(rsqrt) QUICK1(sin) QUICK1(sqrt) QUICK1(tan) QUICK2(divide) QUICK2(powr)
