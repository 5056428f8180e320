// cl_khr_extended_bit_ops: insert, extract and reverse bits; and cl_khr_integer_dot_product.
// Reference: OpenCL C 3.0 extension specification, sections of those names.
#include "builtins.h"

#define BITS(S, U, bits)                                                                    \
  FN U bitfield_insert(U base, U insert, uint offset, uint count) {                         \
    const U mask = (U)((count >= bits ? (U)~(U)0 : (U)(((U)1 << count) - 1)) << (offset & (bits - 1))); \
    return count == 0 ? base : (U)((base & (U)~mask) | ((U)(insert << (offset & (bits - 1))) & mask)); \
  }                                                                                         \
  FN S bitfield_insert(S base, S insert, uint offset, uint count) {                         \
    return (S)bitfield_insert((U)base, (U)insert, offset, count);                           \
  }                                                                                         \
  FN U bitfield_extract_unsigned(U base, uint offset, uint count) {                         \
    if (count == 0) return 0;                                                               \
    return (U)((U)(base << ((bits - offset - count) & (bits - 1))) >> ((bits - count) & (bits - 1))); \
  }                                                                                         \
  FN S bitfield_extract_signed(U base, uint offset, uint count) {                           \
    if (count == 0) return 0;                                                               \
    return (S)((S)(U)(base << ((bits - offset - count) & (bits - 1))) >> ((bits - count) & (bits - 1))); \
  }                                                                                         \
  FN U bitfield_extract_unsigned(S base, uint offset, uint count) {                         \
    return bitfield_extract_unsigned((U)base, offset, count);                               \
  }                                                                                         \
  FN S bitfield_extract_signed(S base, uint offset, uint count) {                           \
    return bitfield_extract_signed((U)base, offset, count);                                 \
  }                                                                                         \
  FN U bit_reverse(U a) { return __builtin_elementwise_bitreverse(a); }                     \
  FN S bit_reverse(S a) { return (S)__builtin_elementwise_bitreverse((U)a); }               \
  VECTOR1(U, U, bit_reverse) VECTOR1(S, S, bit_reverse)                                     \
  EACH_WIDTH(FIELD_, S, U) EACH_WIDTH(FIELD_, U, U)                                         \
  EXTRACT(U, U, bitfield_extract_unsigned) EXTRACT(U, S, bitfield_extract_unsigned)         \
  EXTRACT(S, U, bitfield_extract_signed) EXTRACT(S, S, bitfield_extract_signed)

#define FIELD_(n, T, U)                                                            \
  FN T##n bitfield_insert(T##n base, T##n insert, uint offset, uint count) {       \
    T##n result;                                                                   \
    for (int i = 0; i < n; ++i)                                                    \
      result[i] = bitfield_insert((T)base[i], (T)insert[i], offset, count);        \
    return result;                                                                 \
  }
#define EXTRACT_(n, R, T, f)                                                       \
  FN R##n f(T##n base, uint offset, uint count) {                                  \
    R##n result;                                                                   \
    for (int i = 0; i < n; ++i) result[i] = f((T)base[i], offset, count);          \
    return result;                                                                 \
  }
#define EXTRACT(R, T, f) EACH_WIDTH(EXTRACT_, R, T, f)
BITS(char, uchar, 8) BITS(short, ushort, 16) BITS(int, uint, 32) BITS(long, ulong, 64)

#define DOT(R, A, B, kinds)                                                                  \
  FN R dot(A##4 a, B##4 b) {                                                                 \
    return (R)a.s0 * (R)b.s0 + (R)a.s1 * (R)b.s1 + (R)a.s2 * (R)b.s2 + (R)a.s3 * (R)b.s3;    \
  }                                                                                          \
  FN R dot_acc_sat(A##4 a, B##4 b, R c) {                                                    \
    return __builtin_elementwise_add_sat(dot(a, b), c);                                      \
  }                                                                                          \
  FN R dot_4x8packed_##kinds(uint a, uint b) { return dot(as_##A##4(a), as_##B##4(b)); }     \
  FN R dot_acc_sat_4x8packed_##kinds(uint a, uint b, R c) {                                  \
    return dot_acc_sat(as_##A##4(a), as_##B##4(b), c);                                       \
  }
DOT(int, char, char, ss_int) DOT(int, char, uchar, su_int)
DOT(int, uchar, char, us_int) DOT(uint, uchar, uchar, uu_uint)
