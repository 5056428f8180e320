// Relational functions: comparisons, classification, any, all, select, bitselect. Scalars answer 0
// or 1, vectors 0 or -1 in an integer as wide as the element.
// Reference: OpenCL C 3.0, section 6.15.6.
#include "builtins.h"

#define COMPARE2(T, I, name, expression)                                                     \
  FN int name(T a, T b) { return expression; }                                               \
  FN I##2 name(T##2 a, T##2 b) {                                                             \
    return (I##2)((I)-name(a.s0, b.s0), (I)-name(a.s1, b.s1));                               \
  }                                                                                          \
  FN I##3 name(T##3 a, T##3 b) {                                                             \
    return (I##3)((I)-name(a.s0, b.s0), (I)-name(a.s1, b.s1), (I)-name(a.s2, b.s2));         \
  }                                                                                          \
  FN I##4 name(T##4 a, T##4 b) { return (I##4)(name(a.lo, b.lo), name(a.hi, b.hi)); }        \
  FN I##8 name(T##8 a, T##8 b) { return (I##8)(name(a.lo, b.lo), name(a.hi, b.hi)); }        \
  FN I##16 name(T##16 a, T##16 b) { return (I##16)(name(a.lo, b.lo), name(a.hi, b.hi)); }
#define CLASSIFY(T, I, name, expression)                                                     \
  FN int name(T a) { return expression; }                                                    \
  FN I##2 name(T##2 a) { return (I##2)((I)-name(a.s0), (I)-name(a.s1)); }                    \
  FN I##3 name(T##3 a) { return (I##3)((I)-name(a.s0), (I)-name(a.s1), (I)-name(a.s2)); }    \
  FN I##4 name(T##4 a) { return (I##4)(name(a.lo), name(a.hi)); }                            \
  FN I##8 name(T##8 a) { return (I##8)(name(a.lo), name(a.hi)); }                            \
  FN I##16 name(T##16 a) { return (I##16)(name(a.lo), name(a.hi)); }
#define RELATIONS(T, I)                                                                      \
  COMPARE2(T, I, isequal, a == b) COMPARE2(T, I, isnotequal, a != b)                         \
  COMPARE2(T, I, isgreater, a > b) COMPARE2(T, I, isgreaterequal, a >= b)                    \
  COMPARE2(T, I, isless, a < b) COMPARE2(T, I, islessequal, a <= b)                          \
  COMPARE2(T, I, islessgreater, (a < b) | (a > b))                                           \
  COMPARE2(T, I, isordered, (a == a) & (b == b))                                             \
  COMPARE2(T, I, isunordered, (a != a) | (b != b))                                           \
  CLASSIFY(T, I, isfinite, __builtin_isfinite(a)) CLASSIFY(T, I, isinf, __builtin_isinf(a))  \
  CLASSIFY(T, I, isnan, a != a) CLASSIFY(T, I, isnormal, __builtin_isnormal(a))              \
  CLASSIFY(T, I, signbit, as_##I(a) < 0)
RELATIONS(float, int) RELATIONS(double, long) RELATIONS(half, short)

#define ANY_ALL(S)                                                    \
  FN int any(S a) { return a < 0; }                                   \
  FN int all(S a) { return a < 0; }                                   \
  FN int any(S##2 a) { return (S)(a.s0 | a.s1) < 0; }                 \
  FN int all(S##2 a) { return (S)(a.s0 & a.s1) < 0; }                 \
  FN int any(S##3 a) { return (S)(a.s0 | a.s1 | a.s2) < 0; }          \
  FN int all(S##3 a) { return (S)(a.s0 & a.s1 & a.s2) < 0; }          \
  FN int any(S##4 a) { return any(a.lo | a.hi); }                     \
  FN int all(S##4 a) { return all(a.lo & a.hi); }                     \
  FN int any(S##8 a) { return any(a.lo | a.hi); }                     \
  FN int all(S##8 a) { return all(a.lo & a.hi); }                     \
  FN int any(S##16 a) { return any(a.lo | a.hi); }                    \
  FN int all(S##16 a) { return all(a.lo & a.hi); }
ANY_ALL(char) ANY_ALL(short) ANY_ALL(int) ANY_ALL(long)

// S, U: integers as wide as T. A vector's element is chosen by the top bit of its selector.
#define CHOOSE_(n, T, S, U)                                                             \
  FN T##n select(T##n a, T##n b, S##n c) { return as_##T##n(c < (S)0 ? as_##S##n(b) : as_##S##n(a)); } \
  FN T##n select(T##n a, T##n b, U##n c) { return select(a, b, as_##S##n(c)); }         \
  FN T##n bitselect(T##n a, T##n b, T##n c) {                                           \
    return as_##T##n((as_##U##n(a) & ~as_##U##n(c)) | (as_##U##n(b) & as_##U##n(c)));   \
  }
#define CHOOSE(T, S, U)                                                                 \
  FN T select(T a, T b, S c) { return c ? b : a; }                                      \
  FN T select(T a, T b, U c) { return c ? b : a; }                                      \
  FN T bitselect(T a, T b, T c) {                                                       \
    return as_##T((U)((as_##U(a) & (U)~as_##U(c)) | (as_##U(b) & as_##U(c))));          \
  }                                                                                     \
  EACH_WIDTH(CHOOSE_, T, S, U)
CHOOSE(char, char, uchar) CHOOSE(uchar, char, uchar)
CHOOSE(short, short, ushort) CHOOSE(ushort, short, ushort)
CHOOSE(int, int, uint) CHOOSE(uint, int, uint)
CHOOSE(long, long, ulong) CHOOSE(ulong, long, ulong)
CHOOSE(float, int, uint) CHOOSE(double, long, ulong) CHOOSE(half, short, ushort)
