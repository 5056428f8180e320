// shuffle and shuffle2: pick the elements of one or two vectors by a mask, whose upper bits are
// ignored. With a constant mask everything folds away.
// Reference: OpenCL C 3.0, section 6.15.11.
#include "builtins.h"

#define PICK(T, U, m, n)                                                              \
  FN T##n shuffle(T##m x, U##n mask) {                                                \
    T##n r;                                                                           \
    _Pragma("unroll") for (int i = 0; i < n; ++i) r[i] = x[mask[i] & (m - 1)];        \
    return r;                                                                         \
  }                                                                                   \
  FN T##n shuffle2(T##m x, T##m y, U##n mask) {                                       \
    T##n r;                                                                           \
    _Pragma("unroll") for (int i = 0; i < n; ++i) {                                   \
      const T a = x[mask[i] & (m - 1)], b = y[mask[i] & (m - 1)];                     \
      r[i] = mask[i] & m ? b : a;                                                     \
    }                                                                                 \
    return r;                                                                         \
  }
#define PICK_FROM(T, U, m) PICK(T, U, m, 2) PICK(T, U, m, 4) PICK(T, U, m, 8) PICK(T, U, m, 16)
#define PICKS(T, U) PICK_FROM(T, U, 2) PICK_FROM(T, U, 4) PICK_FROM(T, U, 8) PICK_FROM(T, U, 16)
PICKS(char, uchar) PICKS(uchar, uchar) PICKS(short, ushort) PICKS(ushort, ushort)
PICKS(int, uint) PICKS(uint, uint) PICKS(long, ulong) PICKS(ulong, ulong)
PICKS(float, uint) PICKS(double, ulong) PICKS(half, ushort)
