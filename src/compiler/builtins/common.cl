// Common and geometric functions. Sums are fused, left to right; length and distance guard against
// overflow and underflow, the fast_ forms do not.
// Reference: OpenCL C 3.0, sections 6.15.4 and 6.15.5.
#include "builtins.h"

#define COMMON(T, suffix)                                                                     \
  FN T min(T a, T b) { return __builtin_fmin##suffix(a, b); }                                 \
  FN T max(T a, T b) { return __builtin_fmax##suffix(a, b); }                                 \
  FN T clamp(T x, T low, T high) { return min(max(x, low), high); }                           \
  FN T degrees(T x) { return x * (T)57.295779513082320876798; }                               \
  FN T radians(T x) { return x * (T)0.017453292519943295769237; }                             \
  FN T mix(T x, T y, T a) { return __builtin_fma##suffix(y - x, a, x); }                      \
  FN T step(T edge, T x) { return x < edge ? (T)0 : (T)1; }                                   \
  FN T smoothstep(T edge0, T edge1, T x) {                                                    \
    const T t = clamp((x - edge0) / (edge1 - edge0), (T)0, (T)1);                             \
    return t * t * __builtin_fma##suffix((T)-2, t, (T)3);                                     \
  }                                                                                           \
  FN T sign(T x) {                                                                            \
    return x != x ? (T)0 : x == (T)0 ? x : __builtin_copysign##suffix((T)1, x);               \
  }                                                                                           \
  VECTOR2(T, T, T, min) VECTOR2(T, T, T, max) VECTOR_VS(T, T, min) VECTOR_VS(T, T, max)       \
  VECTOR3(T, T, T, T, clamp) VECTOR_VSS(T, T, clamp)                                          \
  VECTOR1(T, T, degrees) VECTOR1(T, T, radians) VECTOR1(T, T, sign)                           \
  VECTOR3(T, T, T, T, mix) VECTOR_VVS(T, T, mix)                                              \
  VECTOR2(T, T, T, step) VECTOR_SV(T, T, step)                                                \
  VECTOR3(T, T, T, T, smoothstep) VECTOR_SSV(T, T, smoothstep)                                \
  FN T dot(T a, T b) { return a * b; }                                                        \
  FN T dot(T##2 a, T##2 b) { return __builtin_fma##suffix(a.s1, b.s1, a.s0 * b.s0); }         \
  FN T dot(T##3 a, T##3 b) { return __builtin_fma##suffix(a.s2, b.s2, dot(a.s01, b.s01)); }   \
  FN T dot(T##4 a, T##4 b) { return __builtin_fma##suffix(a.s3, b.s3, dot(a.s012, b.s012)); } \
  FN T##3 cross(T##3 a, T##3 b) {                                                             \
    return (T##3)(__builtin_fma##suffix(a.s1, b.s2, -(a.s2 * b.s1)),                          \
                  __builtin_fma##suffix(a.s2, b.s0, -(a.s0 * b.s2)),                          \
                  __builtin_fma##suffix(a.s0, b.s1, -(a.s1 * b.s0)));                         \
  }                                                                                           \
  FN T##4 cross(T##4 a, T##4 b) { return (T##4)(cross(a.s012, b.s012), (T)0); }               \
  FN T isobar_largest(T a) { return __builtin_fabs##suffix(a); }                              \
  FN T isobar_largest(T##2 a) { return max(isobar_largest(a.s0), isobar_largest(a.s1)); }     \
  FN T isobar_largest(T##3 a) { return max(isobar_largest(a.s01), isobar_largest(a.s2)); }    \
  FN T isobar_largest(T##4 a) { return max(isobar_largest(a.lo), isobar_largest(a.hi)); }     \
  FN bool isobar_finite(T a) { return __builtin_isfinite(a); }

COMMON(float, f) COMMON(double, ) COMMON(half, f16)

// V is a vector (or scalar) of T; BIG and SMALL bound where a sum of squares is safe, and a power
// of two brings anything else there.
#define LENGTHS(T, V, suffix, BIG, SMALL, UP, DOWN)                              \
  FN T length(V a) {                                                             \
    const T largest = isobar_largest(a);                                         \
    if (largest > (T)BIG) {                                                      \
      if (largest == (T)INFINITY) return (T)INFINITY;                            \
      const V scaled = a * (T)DOWN;                                              \
      return __builtin_sqrt##suffix(dot(scaled, scaled)) * (T)UP;                \
    }                                                                            \
    if (largest < (T)SMALL) {                                                    \
      const V scaled = a * (T)UP;                                                \
      return __builtin_sqrt##suffix(dot(scaled, scaled)) * (T)DOWN;              \
    }                                                                            \
    return __builtin_sqrt##suffix(dot(a, a));                                    \
  }                                                                              \
  FN T distance(V a, V b) { return length(a - b); }                              \
  /* Large vectors: the length is scaled down, not the vector, whose small components would     \
     become subnormal. */                                                                       \
  FN V normalize(V a) {                                                                         \
    const T largest = isobar_largest(a);                                                        \
    if (largest == (T)0) return a;                                                              \
    if (largest == (T)INFINITY) {                                                               \
      a = ISOBAR_INFINITE_TO_ONE(T, V, a);                                                      \
    } else if (largest > (T)BIG) {                                                              \
      const V scaled = a * (T)DOWN;                                                             \
      return a / __builtin_sqrt##suffix(dot(scaled, scaled)) * (T)DOWN;                         \
    } else if (largest < (T)SMALL) {                                                            \
      a *= (T)UP;                                                                               \
    }                                                                                           \
    return a / __builtin_sqrt##suffix(dot(a, a));                                               \
  }
FN float isobar_unit(float x) { return __builtin_copysignf(__builtin_isinf(x) ? 1.0f : 0.0f, x); }
FN double isobar_unit(double x) { return __builtin_copysign(__builtin_isinf(x) ? 1.0 : 0.0, x); }
FN half isobar_unit(half x) { return (half)isobar_unit((float)x); }
#define UNITS(T)                                                                             \
  FN T##2 isobar_unit(T##2 a) { return (T##2)(isobar_unit(a.s0), isobar_unit(a.s1)); }       \
  FN T##3 isobar_unit(T##3 a) { return (T##3)(isobar_unit(a.s01), isobar_unit(a.s2)); }      \
  FN T##4 isobar_unit(T##4 a) { return (T##4)(isobar_unit(a.lo), isobar_unit(a.hi)); }
UNITS(float) UNITS(double) UNITS(half)
// Infinite components weigh alike and finite ones nothing beside them; a NaN stays one.
#define ISOBAR_INFINITE_TO_ONE(T, V, a) (dot(a, a) != dot(a, a) ? a * (T)0 : isobar_unit(a))
#define LENGTHS4(T, ...)                                                  \
  LENGTHS(T, T, __VA_ARGS__) LENGTHS(T, T##2, __VA_ARGS__)                \
  LENGTHS(T, T##3, __VA_ARGS__) LENGTHS(T, T##4, __VA_ARGS__)
LENGTHS4(float, f, 0x1p+62f, 0x1p-40f, 0x1p+70f, 0x1p-70f)
LENGTHS4(double, , 0x1p+510, 0x1p-450, 0x1p+600, 0x1p-600)

// Half in float: no scaling is needed, and the result is rounded once.
#define HALF_LENGTHS(n)                                                                        \
  FN half length(half##n a) {                                                                  \
    return (half)length(__builtin_convertvector(a, float##n));                                 \
  }                                                                                            \
  FN half distance(half##n a, half##n b) { return length(a - b); }                             \
  FN half##n normalize(half##n a) {                                                            \
    return __builtin_convertvector(normalize(__builtin_convertvector(a, float##n)), half##n);  \
  }
HALF_LENGTHS(2) HALF_LENGTHS(3) HALF_LENGTHS(4)
FN half length(half a) { return __builtin_fabsf16(a); }
FN half distance(half a, half b) { return __builtin_fabsf16(a - b); }
FN half normalize(half a) { return (half)normalize((float)a); }

#define FAST(V)                                                          \
  FN float fast_length(V a) { return __builtin_sqrtf(dot(a, a)); }       \
  FN float fast_distance(V a, V b) { return fast_length(a - b); }        \
  FN V fast_normalize(V a) {                                             \
    const float square = dot(a, a);                                      \
    return square == 0.0f ? a : a * (1.0f / __builtin_sqrtf(square));    \
  }
FAST(float) FAST(float2) FAST(float3) FAST(float4)
