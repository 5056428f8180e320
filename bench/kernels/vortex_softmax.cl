// The sixth kernel that Vortex publishes: softmax -n64, one row of 64 floats per work-item, 64
// work-items in groups of 4 L (L lanes, 4 warps). Its 1,748 instructions per element are not the
// loops': `exp` of a float there is exp of a double, and their core has no double precision, so
// every addition and multiplication is a call that works on integers. This one does the same, as
// its own functions, called and not inlined. On a 32-bit core such a function needs more registers
// than a call may use without saving them: GCC 12's libgcc for rv32imafc (Debian's
// gcc-riscv64-unknown-elf 12.2.0, disassembled) saves and restores 11 in __muldf3, 6 in __adddf3, 4
// in __extendsfdf2, each lane on its stack. On our 64-bit registers nothing needs saving, so SAVE
// and RESTORE do it, for the memory sees most of this kernel's time there.
//
// Soft doubles here are normal numbers or zero, rounded to nearest, ties to even: no infinities in,
// no NaN, nothing subnormal. The exponential takes 24 of them, as many as the table-driven one of
// their C library, but by a polynomial alone: Cody and Waite, "Software Manual for the Elementary
// Functions", 1980, chapter 6, for the reduction.

#define SIGN 0x8000000000000000ul
#define FRACTION 0x000ffffffffffffful
#define IMPLICIT 0x0010000000000000ul
#define CALLED __attribute__((noinline))
#define SAVE(count)             \
  volatile uint saved[count];   \
  _Pragma("unroll") for (int s = 0; s < count; ++s) saved[s] = (uint)s
#define RESTORE(count) \
  _Pragma("unroll") for (int s = 0; s < count; ++s) (void)saved[s]

// `high` has its leading one at bit 63 and everything lost below collected in bit 0; `exponent` is
// biased.
inline ulong soft_round(ulong sign, int exponent, ulong high) {
  if (exponent <= 0) return sign;
  if (exponent >= 2047) return sign | 0x7ff0000000000000ul;
  ulong mantissa = high >> 11;
  const ulong rest = high & 0x7ff;
  if (rest > 0x400 || (rest == 0x400 && (mantissa & 1))) ++mantissa;
  return sign | (((ulong)(exponent - 1) << 52) + mantissa);
}

inline ulong multiplied(ulong a, ulong b) {
  const ulong sign = (a ^ b) & SIGN;
  const int exponent_a = (a >> 52) & 0x7ff, exponent_b = (b >> 52) & 0x7ff;
  if (exponent_a == 0 || exponent_b == 0) return sign;
  const ulong left = ((a & FRACTION) | IMPLICIT) << 11, right = ((b & FRACTION) | IMPLICIT) << 11;
  ulong high = mul_hi(left, right);
  if (left * right != 0) high |= 1;
  int exponent = exponent_a + exponent_b - 1022;
  if (!(high >> 63)) {
    high <<= 1;
    --exponent;
  }
  return soft_round(sign, exponent, high);
}

inline ulong added(ulong a, ulong b) {
  if ((a & ~SIGN) < (b & ~SIGN)) {
    const ulong swapped = a;
    a = b;
    b = swapped;
  }
  int exponent = (a >> 52) & 0x7ff;
  const int exponent_b = (b >> 52) & 0x7ff;
  if (exponent_b == 0) return a;
  // Three bits below the mantissa guard the rounding; the leading one is at bit 55.
  ulong large = ((a & FRACTION) | IMPLICIT) << 3, small = ((b & FRACTION) | IMPLICIT) << 3;
  const int distance = exponent - exponent_b;
  if (distance > 55) {
    small = 1;
  } else if (distance > 0) {
    const ulong lost = small << (64 - distance);
    small = (small >> distance) | (lost != 0);
  }
  ulong sum;
  if ((a ^ b) & SIGN) {
    sum = large - small;
    if (sum == 0) return 0;
  } else {
    sum = large + small;
  }
  const int shift = clz(sum);
  return soft_round(a & SIGN, exponent + 8 - shift, sum << shift);
}

inline ulong widened(float value) {
  const uint bits = as_uint(value);
  const ulong sign = (ulong)(bits & 0x80000000u) << 32;
  const uint exponent = (bits >> 23) & 0xff;
  if (exponent == 0) return sign;
  return sign | ((ulong)(exponent + 1023 - 127) << 52) | ((ulong)(bits & 0x7fffffu) << 29);
}

CALLED ulong soft_multiply(ulong a, ulong b) {
  SAVE(11);
  const ulong product = multiplied(a, b);
  RESTORE(11);
  return product;
}
CALLED ulong soft_add(ulong a, ulong b) {
  SAVE(6);
  const ulong sum = added(a, b);
  RESTORE(6);
  return sum;
}
CALLED ulong soft_from_float(float value) {
  SAVE(4);
  const ulong wide = widened(value);
  RESTORE(4);
  return wide;
}

CALLED float soft_to_float(ulong value) {
  const uint sign = (uint)(value >> 32) & 0x80000000u;
  const int exponent = (int)((value >> 52) & 0x7ff) - 1023 + 127;
  if (exponent <= 0) return as_float(sign);
  if (exponent >= 255) return as_float(sign | 0x7f800000u);
  uint mantissa = (uint)((value & FRACTION) >> 29);
  const uint rest = (uint)value & 0x1fffffffu;
  if (rest > 0x10000000u || (rest == 0x10000000u && (mantissa & 1))) ++mantissa;
  return as_float(sign | (((uint)exponent << 23) + mantissa));
}

// e^x = 2^n e^r with n the whole number next to x / ln 2, found by adding and taking away 3 x 2^51.
CALLED ulong soft_exp(ulong x) {
  const ulong per_ln2 = 0x3ff71547652b82feul, shifter = 0x4338000000000000ul;
  const ulong minus_ln2_high = 0xbfe62e42fee00000ul, minus_ln2_low = 0xbdea39ef35793c76ul;
  const ulong shifted = soft_add(soft_multiply(x, per_ln2), shifter);
  const int n = (int)shifted;
  const ulong whole = soft_add(shifted, shifter ^ SIGN);
  const ulong r = soft_add(soft_add(x, soft_multiply(whole, minus_ln2_high)),
                           soft_multiply(whole, minus_ln2_low));
  ulong sum = 0x3efa01a01a01a01aul;                             // 1/8!
  sum = soft_add(soft_multiply(sum, r), 0x3f2a01a01a01a01aul);  // 1/7!
  sum = soft_add(soft_multiply(sum, r), 0x3f56c16c16c16c17ul);  // 1/6!
  sum = soft_add(soft_multiply(sum, r), 0x3f81111111111111ul);  // 1/5!
  sum = soft_add(soft_multiply(sum, r), 0x3fa5555555555555ul);  // 1/4!
  sum = soft_add(soft_multiply(sum, r), 0x3fc5555555555555ul);  // 1/3!
  sum = soft_add(soft_multiply(sum, r), 0x3fe0000000000000ul);  // 1/2!
  sum = soft_add(soft_multiply(sum, r), 0x3ff0000000000000ul);
  sum = soft_add(soft_multiply(sum, r), 0x3ff0000000000000ul);
  if (n < -1021) return 0;
  return sum + ((ulong)(long)n << 52);
}

// `values` is overwritten with the exponentials on the way, as theirs is.
__kernel void vx_softmax(__global float* values, __global float* out, uint rows, uint columns) {
  const uint row = get_group_id(0) * get_local_size(0) + get_local_id(0);
  if (row >= rows) return;
  const uint start = row * columns;

  float largest = 0.0f;
  for (uint i = 0; i < columns; ++i) {
    const float value = values[start + i];
    if (value > largest) largest = value;
  }

  float sum = 0.0f;
  for (uint i = 0; i < columns; ++i) {
    const ulong power = soft_exp(soft_from_float(values[start + i] - largest));
    values[start + i] = soft_to_float(power);
    sum = soft_to_float(soft_add(soft_from_float(sum), power));
  }

  for (uint i = 0; i < columns; ++i) out[start + i] = values[start + i] / sum;
}
