// Transcendental functions in float where speed matters: exp, log, their bases, tanh, erf, pow,
// sin, cos, tan, and the native_ and half_ forms. Straight-line code: the lanes of a warp stay
// together for ordinary arguments; only special values (NaN, infinity, zero, huge angles) branch.
// Polynomials are minimax fits of our own (Lawson iteration, coefficients rounded to float one by
// one); the comment at each gives its error. Where the last step scales by a power of two it does so in
// double, so that subnormal results are rounded once.
// Accuracy asked for: OpenCL C 3.0, section 7.4; builtins_ulp_test measures it.
#include "builtins.h"

// The float nearest to an integer gets its value in its low bits: 1.5 * 2^23, here plus the bias of
// a double's exponent, so that those bits are the exponent field of 2^n.
#define ROUNDER (12582912.0f + 1023.0f)
#define FMA __builtin_fmaf

// p * 2^n with one rounding; `shifted` is n + ROUNDER.
FN float isobar_scale(float p, float shifted) {
  return (float)((double)p * as_double((ulong)as_uint(shifted) << 52));
}
FN float isobar_between(float x, float low, float high) {
  return __builtin_fminf(__builtin_fmaxf(x, low), high);
}
// condition ? a : b without a branch, which floats would need on RISC-V. The empty assembly hides
// where the mask comes from: knowing that, LLVM makes a select of it, and of that a branch.
FN float isobar_choose(bool condition, float a, float b) {
  const uint x = as_uint(a), y = as_uint(b);
  ulong mask = 0 - (ulong)condition;
  __asm("" : "+r"(mask));
  return as_float(y ^ ((x ^ y) & (uint)mask));
}

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2, within 2^-28 of e^r.
FN float isobar_exp_tail(float r) {
  float q = 0x1.6d7810p-10f;
  q = FMA(q, r, 0x1.123adap-7f);
  q = FMA(q, r, 0x1.5554c2p-5f);
  q = FMA(q, r, 0x1.555490p-3f);
  return FMA(q, r, 0.5f);
}
// 2^r for |r| <= 1/2, within 2^-28.
FN float isobar_exp2_near_0(float r) {
  float q = 0x1.44412ep-13f;
  q = FMA(q, r, 0x1.5f0aa8p-10f);
  q = FMA(q, r, 0x1.3b2a2ep-7f);
  q = FMA(q, r, 0x1.c6af78p-5f);
  q = FMA(q, r, 0x1.ebfbe0p-3f);
  q = FMA(q, r, 0x1.62e430p-1f);
  return FMA(q, r, 1.0f);
}

// x = n ln 2 + r. Below -104 all is 0, above 89 infinity.
FN float exp(float x) {
  const float clamped = isobar_between(x, -105.0f, 90.0f);
  const float shifted = FMA(clamped, 0x1.715476p+0f, ROUNDER);
  const float n = shifted - ROUNDER;
  const float r = FMA(n, -0x1.7f7d1cp-20f, FMA(n, -0x1.62e400p-1f, clamped));
  const float p = FMA(r * r, isobar_exp_tail(r), r) + 1.0f;
  const float result = isobar_scale(p, shifted);
  return x != x ? x : result;
}
FN float exp2(float x) {
  const float clamped = isobar_between(x, -151.0f, 129.0f);
  const float shifted = clamped + ROUNDER;
  const float result = isobar_scale(isobar_exp2_near_0(clamped - (shifted - ROUNDER)), shifted);
  return x != x ? x : result;
}
// x = n log10 2 + r; 10^r for |r| <= 0.151 within 2^-28.
FN float exp10(float x) {
  const float clamped = isobar_between(x, -46.0f, 39.0f);
  const float shifted = FMA(clamped, 0x1.a934f0p+1f, ROUNDER);
  const float n = shifted - ROUNDER;
  const float r = FMA(n, -0x1.3509f8p-18f, FMA(n, -0x1.344000p-2f, clamped));
  float q = 0x1.a94e88p-3f;
  q = FMA(q, r, 0x1.156aa0p-1f);
  q = FMA(q, r, 0x1.2bd732p+0f);
  q = FMA(q, r, 0x1.046f9cp+1f);
  q = FMA(q, r, 0x1.53524cp+1f);
  q = FMA(q, r, 0x1.26bb1cp+1f);
  const float result = isobar_scale(FMA(q, r, 1.0f), shifted);
  return x != x ? x : result;
}

// tanh |x| = t / (t + 2), t = e^(2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1); past 10 it is 1.
FN float tanh(float x) {
  const float a = 2.0f * __builtin_fminf(__builtin_fabsf(x), 10.0f);
  const float rounder = 12582912.0f + 127.0f;
  const float shifted = FMA(a, 0x1.715476p+0f, rounder);
  const float n = shifted - rounder;
  const float r = FMA(n, -0x1.7f7d1cp-20f, FMA(n, -0x1.62e400p-1f, a));
  const float power = as_float(as_uint(shifted) << 23);
  const float t = FMA(power, FMA(r * r, isobar_exp_tail(r), r), power - 1.0f);
  const float result = __builtin_copysignf(t / (t + 2.0f), x);
  return x != x ? x : result;
}

// Both ranges are computed and one is chosen: lanes of one warp usually need both.
FN float erf(float x) {
  const float a = __builtin_fminf(__builtin_fabsf(x), 4.0f), z = a * a;
  float near = -0x1.f86a66p-12f;  // erf(x) / x in x^2 for |x| <= 0.84, within 2^-24
  near = FMA(near, z, 0x1.3992bep-8f);
  near = FMA(near, z, -0x1.b46d74p-6f);
  near = FMA(near, z, 0x1.cdf800p-4f);
  near = FMA(near, z, -0x1.812620p-2f);
  near = FMA(near, z, 0x1.20dd74p+0f);
  float far = 0x1.35b1c0p-12f;  // log2 erfc(x) for 0.84 <= x <= 4; 1 - 2^that within 2^-28
  far = FMA(far, a, -0x1.27b8b6p-8f);
  far = FMA(far, a, 0x1.0a9700p-5f);
  far = FMA(far, a, -0x1.350f00p-3f);
  far = FMA(far, a, -0x1.d61c4ep-1f);
  far = FMA(far, a, -0x1.a0a4cep+0f);
  far = FMA(far, a, -0x1.1c1e88p-13f);
  const float rounder = 12582912.0f;
  const float shifted = far + rounder;
  const float p = isobar_exp2_near_0(far - (shifted - rounder));
  const float outside = 1.0f - as_float(as_uint(p) + (as_uint(shifted) << 23));
  const float result = isobar_choose(a < 0.84f, near * a, outside);
  return x != x ? x : __builtin_copysignf(result, x);
}

// x = 2^e m with m in [sqrt 1/2, sqrt 2). Through double, where float's subnormals are normal.
// f = m - 1 is exact; log m = f + tail, tail = -f^2/2 + f^3 P(f), P within 2^-27 of log m.
#define SPLIT(x)                                                             \
  const ulong bits = as_ulong((double)(x));                                  \
  const long exponent = (long)(bits - 0x3fe6a09e00000000ul) >> 52;           \
  const float e = (float)(int)exponent;                                      \
  const float f = (float)as_double(bits - ((ulong)exponent << 52)) - 1.0f;   \
  float q = -0x1.420384p-4f;                                                 \
  q = FMA(q, f, 0x1.07d7b8p-3f);                                             \
  q = FMA(q, f, -0x1.0cdf2cp-3f);                                            \
  q = FMA(q, f, 0x1.226d02p-3f);                                             \
  q = FMA(q, f, -0x1.547890p-3f);                                            \
  q = FMA(q, f, 0x1.99a5aap-3f);                                             \
  q = FMA(q, f, -0x1.000220p-2f);                                            \
  q = FMA(q, f, 0x1.55554ap-2f);                                             \
  const float square = f * f, tail = FMA(square * f, q, -0.5f * square)
// What a logarithm is of anything but a positive finite number.
FN float isobar_log_special(float x, float result) {
  if (!(x > 0.0f) || x == INFINITY) return x == 0.0f ? -INFINITY : x < 0.0f ? (float)NAN : x;
  return result;
}
FN float log(float x) {
  SPLIT(x);
  return isobar_log_special(
      x, FMA(e, 0x1.62e400p-1f, f + FMA(e, 0x1.7f7d1cp-20f, tail)));
}
FN float log2(float x) {
  SPLIT(x);
  return isobar_log_special(
      x, FMA(f, 0x1.715476p+0f, FMA(f, 0x1.4ae0c0p-26f, tail * 0x1.715476p+0f)) + e);
}
FN float log10(float x) {
  SPLIT(x);
  const float small = FMA(f, 0x1.bcb7b2p-2f, FMA(f, -0x1.5b235ep-27f, tail * 0x1.bcb7b2p-2f));
  return isobar_log_special(x, FMA(e, 0x1.344000p-2f, FMA(e, 0x1.3509f8p-18f, small)));
}

// |x|^y for finite x > 0 and finite y: log2 in double with 45 good bits, then 2^t.
FN float isobar_power(float x, double y) {
  const ulong bits = as_ulong((double)x);
  const long exponent = (long)(bits - 0x3fe6a09e00000000ul) >> 52;
  const double m = as_double(bits - ((ulong)exponent << 52));
  const double s = (m - 1.0) / (m + 1.0), z = s * s;
  double q = 0x1.21b6788713049p-2;
  q = __builtin_fma(q, z, 0x1.4794fa4ef7b54p-2);
  q = __builtin_fma(q, z, 0x1.a61a30c6dcb53p-2);
  q = __builtin_fma(q, z, 0x1.2776c2913aa03p-1);
  q = __builtin_fma(q, z, 0x1.ec709dc53d3e6p-1);
  q = __builtin_fma(q, z, 0x1.71547652b8253p+1);
  const double log_2 = __builtin_fma(q, s, (double)(int)exponent);
  const double t = __builtin_fmin(__builtin_fmax(y * log_2, -160.0), 160.0);
  const double rounder = 0x1.8p+52 + 1023.0;
  const double shifted = t + rounder;
  const float p = isobar_exp2_near_0((float)(t - (shifted - rounder)));
  return (float)((double)p * as_double(as_ulong(shifted) << 52));
}
// The special values of IEEE 754's pow, powr and pown, around the same core.
FN bool isobar_integral(float y) { return __builtin_truncf(y) == y; }
FN bool isobar_odd(float y) {
  const float half_of_it = y * 0.5f;
  return isobar_integral(y) && __builtin_truncf(half_of_it) != half_of_it;
}
PURE float isobar_pow_special(float x, float y) {
  const float a = __builtin_fabsf(x);
  if (x == 1.0f || y == 0.0f) return 1.0f;
  if (x != x || y != y) return x + y;
  if (__builtin_isinf(y)) {
    if (a == 1.0f) return 1.0f;
    return (a > 1.0f) == (y > 0.0f) ? INFINITY : 0.0f;
  }
  const bool negative = (as_int(x) < 0) && isobar_odd(y);
  if (a == 0.0f || a == INFINITY) {
    const float magnitude = (a == 0.0f) == (y > 0.0f) ? 0.0f : INFINITY;
    return negative ? -magnitude : magnitude;
  }
  if (x < 0.0f && !isobar_integral(y)) return NAN;
  const float magnitude = isobar_power(a, (double)y);
  return negative ? -magnitude : magnitude;
}
FN float pow(float x, float y) {
  if (x > 0.0f && x < INFINITY && __builtin_fabsf(y) < INFINITY) return isobar_power(x, (double)y);
  return isobar_pow_special(x, y);
}
PURE float isobar_powr_special(float x, float y) {
  if (x < 0.0f || x != x || y != y) return NAN;
  if (y == 0.0f) return x == 0.0f || x == INFINITY ? (float)NAN : 1.0f;
  if (__builtin_isinf(y) && x == 1.0f) return NAN;
  return isobar_pow_special(__builtin_fabsf(x), y);
}
FN float powr(float x, float y) {
  if (x > 0.0f && x < INFINITY && __builtin_fabsf(y) < INFINITY) return isobar_power(x, (double)y);
  return isobar_powr_special(x, y);
}
PURE float isobar_pown_special(float x, int n) {
  if (n == 0) return 1.0f;
  if (x != x) return x;
  const float a = __builtin_fabsf(x);
  float magnitude;
  if (a == 0.0f || a == INFINITY)
    magnitude = (a == 0.0f) == (n > 0) ? 0.0f : INFINITY;
  else
    magnitude = isobar_power(a, (double)n);
  return (as_int(x) < 0) && (n & 1) ? -magnitude : magnitude;
}
FN float pown(float x, int n) {
  if (x > 0.0f && x < INFINITY) return isobar_power(x, (double)n);
  return isobar_pown_special(x, n);
}
// libclc's takes subnormals for 0.
PURE float isobar_rootn_special(float x, int n) {
  if (n == 0 || (x < 0.0f && (n & 1) == 0)) return NAN;
  if (x != x) return x;
  const float a = __builtin_fabsf(x);
  float magnitude;
  if (a == 0.0f || a == INFINITY)
    magnitude = (a == 0.0f) == (n > 0) ? 0.0f : INFINITY;
  else
    magnitude = isobar_power(a, 1.0 / (double)n);
  return n & 1 ? __builtin_copysignf(magnitude, x) : magnitude;
}
FN float rootn(float x, int n) {
  if (x > 0.0f && x < INFINITY && n != 0) return isobar_power(x, 1.0 / (double)n);
  return isobar_rootn_special(x, n);
}

// Angles. x = n pi/2 + r with |r| <= pi/4, n modulo 4. Up to 2^28 in double with pi/2 in two parts.
// Beyond, the fraction of x * 2/pi comes from that window of the bits of 2/pi which matters.
__constant ulong isobar_two_over_pi[4] = {0xA2F9836E4E441529ul, 0xFC2757D1F534DDC0ul,
                                          0xDB6295993C439041ul, 0xFE5163ABDEBBC561ul};
FN ulong isobar_two_over_pi_bits(uint first) {
  const uint word = first >> 6, shift = first & 63;
  const ulong high = isobar_two_over_pi[word], low = isobar_two_over_pi[(word + 1) & 3];
  return shift ? high << shift | low >> (64 - shift) : high;
}
FN ulong isobar_high_half(ulong a, ulong b) {
  ulong high;
  __asm("mulhu %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
}
// Of |x| = mantissa * 2^k, k >= 2: the product modulo 4 in 62 fractional bits.
ACT float isobar_reduce_huge(float x, uint* quadrant) {
  const uint bits = as_uint(x) & 0x7fffffff;
  const ulong mantissa = (bits & 0x7fffff) | 0x800000;
  const uint k = (bits >> 23) - 150;
  const ulong fixed = mantissa * isobar_two_over_pi_bits(k - 2) +
                      isobar_high_half(mantissa, isobar_two_over_pi_bits(k + 62));
  const ulong n = (fixed + (1ul << 61)) >> 62;
  const float r = (float)((double)(long)(fixed - (n << 62)) * 0x1.921fb54442d18p-62);
  *quadrant = (uint)(x < 0.0f ? 0 - n : n);
  return x < 0.0f ? -r : r;
}
ACT float isobar_reduce(float x, uint* quadrant) {
  if (__builtin_fabsf(x) < 0x1p+28f) {
    const double rounder = 0x1.8p+52;
    const double shifted = __builtin_fma((double)x, 0x1.45f306dc9c883p-1, rounder);
    const double n = shifted - rounder;
    *quadrant = (uint)as_ulong(shifted);
    return (float)__builtin_fma(n, -0x1.1a62633145c07p-54,
                                __builtin_fma(n, -0x1.921fb54442d18p+0, (double)x));
  }
  *quadrant = 0;
  if (!(__builtin_fabsf(x) < INFINITY)) return NAN;
  return isobar_reduce_huge(x, quadrant);
}
// For |r| <= pi/4, within 2^-28 and 2^-33.
FN float isobar_sin_near_0(float r) {
  const float z = r * r;
  const float q = FMA(FMA(-0x1.9955b0p-13f, z, 0x1.11077cp-7f), z, -0x1.555546p-3f);
  return __builtin_copysignf(FMA(q * z, r, r), r);  // of -0 the sum would be +0
}
FN float isobar_cos_near_0(float r) {
  const float z = r * r;
  const float q = FMA(FMA(0x1.99e0e4p-16f, z, -0x1.6c0c1ap-10f), z, 0x1.55554ap-5f);
  return FMA(q * z, z, FMA(-0.5f, z, 1.0f));
}
FN float sin(float x) {
  uint n;
  const float r = isobar_reduce(x, &n);
  const float v = isobar_choose(n & 1, isobar_cos_near_0(r), isobar_sin_near_0(r));
  return as_float(as_uint(v) ^ (n & 2) << 30);
}
FN float cos(float x) {
  uint n;
  const float r = isobar_reduce(x, &n);
  const float v = isobar_choose(n & 1, isobar_sin_near_0(r), isobar_cos_near_0(r));
  return as_float(as_uint(v) ^ ((n + 1) & 2) << 30);
}
FN float tan(float x) {
  uint n;
  const float r = isobar_reduce(x, &n);
  const float s = isobar_sin_near_0(r), c = isobar_cos_near_0(r);
  const float over = isobar_choose(n & 1, -c, s), under = isobar_choose(n & 1, s, c);
  return over / under;
}

// Where libclc's float versions flush subnormals or lose accuracy, its double ones do not. The
// results of the first three are exact in float.
PURE double erfc(double);
PURE double tgamma(double);
PURE double fmod(double, double);
PURE double remainder(double, double);
__attribute__((overloadable)) double remquo(double, double, int*);
FN float fmod(float x, float y) { return (float)fmod((double)x, (double)y); }
FN float remainder(float x, float y) { return (float)remainder((double)x, (double)y); }
ACT float remquo(float x, float y, int* quotient) {
  return (float)remquo((double)x, (double)y, quotient);
}
FN float erfc(float x) { return (float)erfc((double)x); }
FN float tgamma(float x) { return (float)tgamma((double)x); }

// native_: the shortest useful code. Results below the smallest normal number may be 0.
FN float isobar_native_exp2_scaled(float r_power, float shifted) {
  return as_float(as_uint(r_power) + (as_uint(shifted) << 23));
}
FN float native_exp(float x) {
  const float rounder = 12582912.0f;
  const float clamped = isobar_between(x, -87.0f, 88.7f);
  const float shifted = FMA(clamped, 0x1.715476p+0f, rounder);
  const float n = shifted - rounder;
  const float r = FMA(n, -0x1.7f7d1cp-20f, FMA(n, -0x1.62e400p-1f, clamped));
  float q = 0x1.126ceap-7f;  // within 2^-23
  q = FMA(q, r, 0x1.573bd0p-5f);
  q = FMA(q, r, 0x1.55543ap-3f);
  q = FMA(q, r, 0x1.fffdc2p-2f);
  return isobar_native_exp2_scaled(FMA(q * r, r, r) + 1.0f, shifted);
}
FN float native_exp2(float x) {
  const float rounder = 12582912.0f;
  const float clamped = isobar_between(x, -126.0f, 127.99999f);
  const float shifted = clamped + rounder;
  const float r = clamped - (shifted - rounder);
  float q = 0x1.5f9f20p-10f;  // within 2^-23
  q = FMA(q, r, 0x1.3cec96p-7f);
  q = FMA(q, r, 0x1.c6addcp-5f);
  q = FMA(q, r, 0x1.ebf9b6p-3f);
  q = FMA(q, r, 0x1.62e432p-1f);
  return isobar_native_exp2_scaled(FMA(q, r, 1.0f), shifted);
}
FN float native_exp10(float x) { return native_exp2(x * 0x1.a934f0p+1f); }
// Normal positive numbers only.
FN float native_log2(float x) {
  const uint bits = as_uint(x);
  const int exponent = (int)(bits - 0x3f3504f3u) >> 23;
  const float f = as_float(bits - ((uint)exponent << 23)) - 1.0f;
  float q = 0x1.6d3f06p-4f;  // log(1 + f) within 2^-25
  q = FMA(q, f, -0x1.25e468p-3f);
  q = FMA(q, f, 0x1.30af82p-3f);
  q = FMA(q, f, -0x1.5343acp-3f);
  q = FMA(q, f, 0x1.98e40cp-3f);
  q = FMA(q, f, -0x1.000494p-2f);
  q = FMA(q, f, 0x1.5556b6p-2f);
  q = FMA(q, f, -0.5f);
  return FMA(FMA(q * f, f, f), 0x1.715476p+0f, (float)exponent);
}
FN float native_log(float x) { return native_log2(x) * 0x1.62e430p-1f; }
FN float native_log10(float x) { return native_log2(x) * 0x1.344136p-2f; }
FN float native_powr(float x, float y) { return native_exp2(y * native_log2(x)); }
FN float native_recip(float x) { return 1.0f / x; }
FN float native_divide(float x, float y) { return x / y; }
FN float native_sqrt(float x) { return __builtin_sqrtf(x); }
FN float native_rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }
// x = n pi + r, |r| <= pi/2; sin r within 2^-27; good to |x| of some thousands.
FN float isobar_native_sine(float r, float shifted) {
  const float z = r * r;
  float q = 0x1.5d9c74p-19f;
  q = FMA(q, z, -0x1.9f6ec4p-13f);
  q = FMA(q, z, 0x1.110ed4p-7f);
  q = FMA(q, z, -0x1.55554cp-3f);
  return as_float(as_uint(FMA(q * z, r, r)) ^ as_uint(shifted) << 31);
}
FN float native_sin(float x) {
  const float rounder = 12582912.0f;
  const float shifted = FMA(x, 0x1.45f306p-2f, rounder);
  const float n = shifted - rounder;
  const float r = FMA(n, 0x1.777a5cp-24f, FMA(n, -0x1.921fb6p+1f, x));
  return isobar_native_sine(r, shifted);
}
FN float native_cos(float x) {
  const float rounder = 12582912.0f;
  const float shifted = FMA(x, 0x1.45f306p-2f, 0.5f) + rounder;
  const float n = shifted - rounder - 0.5f;
  const float r = FMA(n, 0x1.777a5cp-24f, FMA(n, -0x1.921fb6p+1f, x));
  return isobar_native_sine(r, shifted);
}
FN float native_tan(float x) { return native_sin(x) / native_cos(x); }

// half_: 8192 ULP would do; these are at hand.
FN float half_exp(float x) { return exp(x); }
FN float half_exp2(float x) { return exp2(x); }
FN float half_exp10(float x) { return exp10(x); }
FN float half_log(float x) { return log(x); }
FN float half_log2(float x) { return log2(x); }
FN float half_log10(float x) { return log10(x); }
FN float half_sin(float x) { return sin(x); }
FN float half_cos(float x) { return cos(x); }
FN float half_tan(float x) { return tan(x); }
FN float half_powr(float x, float y) { return powr(x, y); }
FN float half_recip(float x) { return 1.0f / x; }
FN float half_divide(float x, float y) { return x / y; }
FN float half_sqrt(float x) { return __builtin_sqrtf(x); }
FN float half_rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }
