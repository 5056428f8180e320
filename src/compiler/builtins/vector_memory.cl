// vload and vstore in all their forms. A vector in memory is aligned as its element only, so each
// element is moved for itself; vloada and vstorea are aligned as the vector, and a vector of three
// halves then takes the room of four.
// Reference: OpenCL C 3.0, section 6.15.7.
#include "builtins.h"

#define LOADS(T)                                                                              \
  ACT T##2 vload2(size_t i, const T* p) { p += 2 * i; return (T##2)(p[0], p[1]); }            \
  ACT T##3 vload3(size_t i, const T* p) { p += 3 * i; return (T##3)(p[0], p[1], p[2]); }      \
  ACT T##4 vload4(size_t i, const T* p) { p += 4 * i; return (T##4)(p[0], p[1], p[2], p[3]); } \
  ACT T##8 vload8(size_t i, const T* p) {                                                     \
    return (T##8)(vload4(2 * i, p), vload4(2 * i + 1, p));                                    \
  }                                                                                           \
  ACT T##16 vload16(size_t i, const T* p) {                                                   \
    return (T##16)(vload8(2 * i, p), vload8(2 * i + 1, p));                                   \
  }                                                                                           \
  ACT void vstore2(T##2 v, size_t i, T* p) { p += 2 * i; p[0] = v.s0; p[1] = v.s1; }          \
  ACT void vstore3(T##3 v, size_t i, T* p) {                                                  \
    p += 3 * i;                                                                               \
    p[0] = v.s0;                                                                              \
    p[1] = v.s1;                                                                              \
    p[2] = v.s2;                                                                              \
  }                                                                                           \
  ACT void vstore4(T##4 v, size_t i, T* p) {                                                  \
    vstore2(v.lo, 2 * i, p);                                                                  \
    vstore2(v.hi, 2 * i + 1, p);                                                              \
  }                                                                                           \
  ACT void vstore8(T##8 v, size_t i, T* p) {                                                  \
    vstore4(v.lo, 2 * i, p);                                                                  \
    vstore4(v.hi, 2 * i + 1, p);                                                              \
  }                                                                                           \
  ACT void vstore16(T##16 v, size_t i, T* p) {                                                \
    vstore8(v.lo, 2 * i, p);                                                                  \
    vstore8(v.hi, 2 * i + 1, p);                                                              \
  }
LOADS(char) LOADS(uchar) LOADS(short) LOADS(ushort) LOADS(int) LOADS(uint) LOADS(long)
LOADS(ulong) LOADS(float) LOADS(double) LOADS(half)

ACT float vload_half(size_t i, const half* p) { return (float)p[i]; }
ACT float vloada_half(size_t i, const half* p) { return (float)p[i]; }
#define HALF_LOAD(n, stride)                                                \
  ACT float##n vload_half##n(size_t i, const half* p) {                     \
    return __builtin_convertvector(vload##n(i, p), float##n);               \
  }                                                                         \
  ACT float##n vloada_half##n(size_t i, const half* p) {                    \
    p += stride * i;                                                        \
    return __builtin_convertvector(vload##n(0, p), float##n);               \
  }
HALF_LOAD(2, 2) HALF_LOAD(3, 4) HALF_LOAD(4, 4) HALF_LOAD(8, 8) HALF_LOAD(16, 16)

#define NARROW(mode)                                                       \
  FN half isobar_to_half_##mode(float x) { return isobar_h_from_s_##mode(x); } \
  FN half isobar_to_half_##mode(double x) { return isobar_h_from_d_##mode(x); }
NARROW(rtz) NARROW(rtp) NARROW(rtn)
FN half isobar_to_half(float x) { return (half)x; }
FN half isobar_to_half(double x) { return (half)x; }
FN half isobar_to_half_rte(float x) { return (half)x; }
FN half isobar_to_half_rte(double x) { return (half)x; }

#define HALF_STORE_N(T, mode, n, stride)                                              \
  ACT void vstore_half##n##mode(T##n v, size_t i, half* p) {                          \
    p += n * i;                                                                       \
    _Pragma("unroll") for (int k = 0; k < n; ++k) p[k] = isobar_to_half##mode((T)v[k]);     \
  }                                                                                   \
  ACT void vstorea_half##n##mode(T##n v, size_t i, half* p) {                         \
    p += stride * i;                                                                  \
    _Pragma("unroll") for (int k = 0; k < n; ++k) p[k] = isobar_to_half##mode((T)v[k]);     \
  }
#define HALF_STORE(T, mode)                                                                     \
  ACT void vstore_half##mode(T v, size_t i, half* p) { p[i] = isobar_to_half##mode(v); }        \
  ACT void vstorea_half##mode(T v, size_t i, half* p) { p[i] = isobar_to_half##mode(v); }       \
  HALF_STORE_N(T, mode, 2, 2) HALF_STORE_N(T, mode, 3, 4) HALF_STORE_N(T, mode, 4, 4)           \
  HALF_STORE_N(T, mode, 8, 8) HALF_STORE_N(T, mode, 16, 16)
#define HALF_STORES(T) \
  HALF_STORE(T, ) HALF_STORE(T, _rte) HALF_STORE(T, _rtz) HALF_STORE(T, _rtp) HALF_STORE(T, _rtn)
HALF_STORES(float) HALF_STORES(double)
