// What the layers share. Exponential and normal distribution are our own, branch-free and
// made of correctly rounded operations only: OpenCL's exp and erf differ in their last bits from one
// implementation to the next, and their case distinctions make the lanes of a warp diverge. So
// would ?: on floats, which is a branch on RISC-V: hence min, max and copysign.

#define SHARED_FUNCTION static inline __attribute__((always_inline))

// e^x for x up to 88, within 2e-7 relative; below -87 it stays at e^-87 = 1.6e-38, since float has
// no normal numbers left. x = n ln 2 + r, |r| <= ln 2 / 2; a polynomial gives e^r, the exponent
// field 2^n.
SHARED_FUNCTION float exponential(float x) {
  const float clamped = fmin(fmax(x, -87.0f), 88.0f);
  const float rounder = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const float shifted = fma(clamped, 1.44269504f, rounder);
  const float n = shifted - rounder;
  float r = fma(n, -0.693359375f, clamped);  // ln 2 in two parts, the first exact in n * part
  r = fma(n, 2.12194440e-4f, r);
  float q = 1.393373357e-03f;
  q = fma(q, r, 8.363235742e-03f);
  q = fma(q, r, 4.166646302e-02f);
  q = fma(q, r, 1.666657627e-01f);
  q = fma(q, r, 5.000000000e-01f);
  const float power = fma(q * r, r, r) + 1.0f;
  return as_float(as_uint(power) + (as_uint(shifted) << 23));
}

// GELU, x Phi(x), and its slope, in the two forms in use (model/gpt_shape.h).
#define GELU_EXACT 0
#define GELU_TANH 1

// 1 - Phi(|x|), the tail of the normal distribution, within 1e-7 absolute: Abramowitz & Stegun
// 7.1.26 with erf's argument x / sqrt 2. `density` is e^(-x^2/2).
SHARED_FUNCTION float normal_tail(float x, float density) {
  const float t = 1.0f / fma(fabs(x), 0.231641888f, 1.0f);
  float p = 0.5307027145f;
  p = fma(p, t, -0.7265760135f);
  p = fma(p, t, 0.7107068705f);
  p = fma(p, t, -0.142248368f);
  p = fma(p, t, 0.127414796f);
  return p * t * density;
}

// The tanh form is x s(2u), s the logistic function, u = sqrt(2/pi) (x + 0.044715 x^3).
SHARED_FUNCTION float gelu(float x, uint kind) {
  if (kind == GELU_EXACT)  // x Phi(x) = max(x, 0) - |x| tail, exact far out on both sides
    return fma(-fabs(x), normal_tail(x, exponential(-0.5f * x * x)), fmax(x, 0.0f));
  const float u = 0.797884561f * fma(0.044715f * x * x, x, x);
  return x / (1.0f + exponential(-2.0f * u));
}

SHARED_FUNCTION float gelu_slope(float x, uint kind) {
  if (kind == GELU_EXACT) {
    const float density = exponential(-0.5f * x * x);
    const float phi = 0.5f + copysign(0.5f - normal_tail(x, density), x);
    return fma(x * 0.398942280f, density, phi);
  }
  const float u = 0.797884561f * fma(0.044715f * x * x, x, x);
  const float e = exponential(-2.0f * u);
  const float s = 1.0f / (1.0f + e);
  const float u_slope = 0.797884561f * fma(0.134145f * x, x, 1.0f);
  return fma(2.0f * x * u_slope, s * (s * e), s);  // s e is 1 - s
}

// Elementwise kernels: a work-group of 32 takes a stretch of 512 elements, 16 per work-item with the
// lanes side by side, so that what is the same for all of them, constants above all, is loaded once.
#define STRETCH 512
#define FOR_EACH_ELEMENT(i, count)                                             \
  for (uint i = get_group_id(0) * STRETCH + get_local_id(0),                   \
            i##_end = min(count, (uint)(get_group_id(0) * STRETCH + STRETCH)); \
       i < i##_end; i += 32)

// The sum of `value` over a work-group of 32, the same bits in every lane. Each lane adds up all 32
// in the same order: one barrier, no divergence, and the loads are the same address for all lanes.
SHARED_FUNCTION float group_sum(float value, __local float* scratch) {
  barrier(CLK_LOCAL_MEM_FENCE);  // the last user of scratch is done
  scratch[get_local_id(0)] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  float sum = 0.0f;
  for (uint i = 0; i < 32; ++i) sum += scratch[i];
  return sum;
}

SHARED_FUNCTION float group_max(float value, __local float* scratch) {
  barrier(CLK_LOCAL_MEM_FENCE);
  scratch[get_local_id(0)] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  float largest = scratch[0];
  for (uint i = 1; i < 32; ++i) largest = fmax(largest, scratch[i]);
  return largest;
}
