// What every file of the built-in function library shares: attributes, access to special registers
// and cross-lane instructions, and the macros that make the vector forms of a scalar function.
// OpenCL C 3.0; the library defines the functions, so none of clang's own declarations are loaded,
// only the types (opencl-c-base.h). Address spaces collapse when the IR is retargeted to RISC-V:
// one overload for the generic address space stands for all of them.
#ifndef ISOBAR_BUILTINS_H
#define ISOBAR_BUILTINS_H
#include <opencl-c-base.h>

#include "special_registers.h"
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable
// Exactness below is argued operation by operation; nothing may be fused behind our back.
#pragma OPENCL FP_CONTRACT OFF

// A pure function, small enough to vanish into its caller; PURE is for those that are not small.
#define FN __attribute__((overloadable, always_inline, const))
#define PURE __attribute__((overloadable, const))
// A function with effects.
#define ACT __attribute__((overloadable, always_inline))

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
// Not volatile: a special register never changes for a hart, so equal reads are one read.
#define CSR(number)                                    \
  ({                                                   \
    ulong csr_value;                                   \
    __asm("csrr %0, " TEXT(number) : "=r"(csr_value)); \
    csr_value;                                         \
  })

// Component-wise vector forms. R result, A B C parameter element types. Halving keeps the bitcode
// small; it all dissolves when inlined.
#define VECTOR1(R, A, f)                                          \
  FN R##2 f(A##2 a) { return (R##2)(f(a.s0), f(a.s1)); }          \
  FN R##3 f(A##3 a) { return (R##3)(f(a.s0), f(a.s1), f(a.s2)); } \
  FN R##4 f(A##4 a) { return (R##4)(f(a.lo), f(a.hi)); }          \
  FN R##8 f(A##8 a) { return (R##8)(f(a.lo), f(a.hi)); }          \
  FN R##16 f(A##16 a) { return (R##16)(f(a.lo), f(a.hi)); }

#define VECTOR2(R, A, B, f)                                                                 \
  FN R##2 f(A##2 a, B##2 b) { return (R##2)(f(a.s0, b.s0), f(a.s1, b.s1)); }                \
  FN R##3 f(A##3 a, B##3 b) { return (R##3)(f(a.s0, b.s0), f(a.s1, b.s1), f(a.s2, b.s2)); } \
  FN R##4 f(A##4 a, B##4 b) { return (R##4)(f(a.lo, b.lo), f(a.hi, b.hi)); }                \
  FN R##8 f(A##8 a, B##8 b) { return (R##8)(f(a.lo, b.lo), f(a.hi, b.hi)); }                \
  FN R##16 f(A##16 a, B##16 b) { return (R##16)(f(a.lo, b.lo), f(a.hi, b.hi)); }

#define VECTOR3(R, A, B, C, f)                                                                   \
  FN R##2 f(A##2 a, B##2 b, C##2 c) { return (R##2)(f(a.s0, b.s0, c.s0), f(a.s1, b.s1, c.s1)); } \
  FN R##3 f(A##3 a, B##3 b, C##3 c) {                                                            \
    return (R##3)(f(a.s0, b.s0, c.s0), f(a.s1, b.s1, c.s1), f(a.s2, b.s2, c.s2));                \
  }                                                                                              \
  FN R##4 f(A##4 a, B##4 b, C##4 c) { return (R##4)(f(a.lo, b.lo, c.lo), f(a.hi, b.hi, c.hi)); } \
  FN R##8 f(A##8 a, B##8 b, C##8 c) { return (R##8)(f(a.lo, b.lo, c.lo), f(a.hi, b.hi, c.hi)); } \
  FN R##16 f(A##16 a, B##16 b, C##16 c) {                                                        \
    return (R##16)(f(a.lo, b.lo, c.lo), f(a.hi, b.hi, c.hi));                                    \
  }

// The same with some parameters scalar: f(vector, scalar), f(vector, scalar, scalar),
// f(vector, vector, scalar), f(scalar, vector), f(scalar, scalar, vector).
#define EACH_WIDTH(M, ...) \
  M(2, __VA_ARGS__) M(3, __VA_ARGS__) M(4, __VA_ARGS__) M(8, __VA_ARGS__) M(16, __VA_ARGS__)
#define VECTOR_VS_(n, T, S, f) \
  FN T##n f(T##n a, S b) { return f(a, (S##n)(b)); }
#define VECTOR_SV_(n, T, S, f) \
  FN T##n f(S a, T##n b) { return f((S##n)(a), b); }
#define VECTOR_VSS_(n, T, S, f) \
  FN T##n f(T##n a, S b, S c) { return f(a, (S##n)(b), (S##n)(c)); }
#define VECTOR_VVS_(n, T, S, f) \
  FN T##n f(T##n a, T##n b, S c) { return f(a, b, (S##n)(c)); }
#define VECTOR_SSV_(n, T, S, f) \
  FN T##n f(S a, S b, T##n c) { return f((S##n)(a), (S##n)(b), c); }
#define VECTOR_VS(T, S, f) EACH_WIDTH(VECTOR_VS_, T, S, f)
#define VECTOR_SV(T, S, f) EACH_WIDTH(VECTOR_SV_, T, S, f)
#define VECTOR_VSS(T, S, f) EACH_WIDTH(VECTOR_VSS_, T, S, f)
#define VECTOR_VVS(T, S, f) EACH_WIDTH(VECTOR_VVS_, T, S, f)
#define VECTOR_SSV(T, S, f) EACH_WIDTH(VECTOR_SSV_, T, S, f)

// A second result through a pointer: R f(A a, B* out).
#define VECTOR1_OUT_HALVES(R, A, B, f, n, h)                   \
  ACT R##n f(A##n a, B##n* out) {                              \
    B##h low, high;                                            \
    const R##n result = (R##n)(f(a.lo, &low), f(a.hi, &high)); \
    *out = (B##n)(low, high);                                  \
    return result;                                             \
  }
#define VECTOR1_OUT(R, A, B, f)                                        \
  ACT R##2 f(A##2 a, B##2 * out) {                                     \
    B x, y;                                                            \
    const R##2 result = (R##2)(f(a.s0, &x), f(a.s1, &y));              \
    *out = (B##2)(x, y);                                               \
    return result;                                                     \
  }                                                                    \
  ACT R##3 f(A##3 a, B##3 * out) {                                     \
    B x, y, z;                                                         \
    const R##3 result = (R##3)(f(a.s0, &x), f(a.s1, &y), f(a.s2, &z)); \
    *out = (B##3)(x, y, z);                                            \
    return result;                                                     \
  }                                                                    \
  VECTOR1_OUT_HALVES(R, A, B, f, 4, 2)                                 \
  VECTOR1_OUT_HALVES(R, A, B, f, 8, 4)                                 \
  VECTOR1_OUT_HALVES(R, A, B, f, 16, 8)

// Conversions with a rounding mode of their own: make_directed.py.
#define CONVERSION __attribute__((const))
#define DIRECTED(mode)                              \
  CONVERSION half isobar_h_from_s_##mode(float);    \
  CONVERSION half isobar_h_from_d_##mode(double);   \
  CONVERSION float isobar_s_from_d_##mode(double);  \
  CONVERSION half isobar_h_from_l_##mode(long);     \
  CONVERSION half isobar_h_from_lu_##mode(ulong);   \
  CONVERSION float isobar_s_from_l_##mode(long);    \
  CONVERSION float isobar_s_from_lu_##mode(ulong);  \
  CONVERSION double isobar_d_from_l_##mode(long);   \
  CONVERSION double isobar_d_from_lu_##mode(ulong); \
  CONVERSION long isobar_l_from_h_##mode(half);     \
  CONVERSION long isobar_l_from_s_##mode(float);    \
  CONVERSION long isobar_l_from_d_##mode(double);   \
  CONVERSION ulong isobar_lu_from_h_##mode(half);   \
  CONVERSION ulong isobar_lu_from_s_##mode(float);  \
  CONVERSION ulong isobar_lu_from_d_##mode(double);
DIRECTED(rte) DIRECTED(rtz) DIRECTED(rtp) DIRECTED(rtn)
#endif
