// Work-group and sub-group functions. A sub-group is a warp; its lanes exchange values through
// registers (isobar.shuffle, isobar.vote). A work-group combines its warps' results through a
// small table in local memory, always in the order of the warps, so results are deterministic.
// Reference: OpenCL C 3.0, sections 6.15.16 and 6.15.19; cl_khr_subgroup_* extensions.
#include "builtins.h"
#define CROSS __attribute__((overloadable, always_inline, convergent))
FN size_t get_local_id(uint);
FN size_t get_local_size(uint);
FN uint get_sub_group_id(void);
FN uint get_num_sub_groups(void);
FN uint get_sub_group_local_id(void);
FN uint get_sub_group_size(void);
ACT void isobar_barrier(void);

// Cross-lane instructions on 64-bit registers. Volatile and convergent: which lanes take part is
// part of their meaning, so they must stay where they are.
#define SHUFFLE(name, funct7)                                                             \
  CROSS ulong name(ulong value, ulong lane) {                                             \
    ulong r;                                                                              \
    __asm volatile(".insn r 0x0b, 1, " #funct7 ", %0, %1, %2" : "=r"(r) : "r"(value), "r"(lane)); \
    return r;                                                                             \
  }
SHUFFLE(isobar_lane, 0) SHUFFLE(isobar_lane_xor, 1)
SHUFFLE(isobar_lane_up, 2) SHUFFLE(isobar_lane_down, 3)
#define VOTE(name, funct7)                                                                \
  CROSS ulong name(ulong value) {                                                         \
    ulong r;                                                                              \
    __asm volatile(".insn r 0x0b, 2, " #funct7 ", %0, %1, x0" : "=r"(r) : "r"(value));    \
    return r;                                                                             \
  }
VOTE(isobar_vote_all, 0) VOTE(isobar_vote_any, 1) VOTE(isobar_ballot, 2)

CROSS int sub_group_all(int predicate) { return (int)isobar_vote_all((ulong)(predicate != 0)); }
CROSS int sub_group_any(int predicate) { return (int)isobar_vote_any((ulong)(predicate != 0)); }

// The warps' table (defined in IR, for OpenCL C has no such variable outside of kernels). It holds
// 64 warps; larger groups take turns.
#define TABLE 64
extern __local ulong* isobar_group_table(void) __attribute__((const));

#define BITS_char(x) ((ulong)(uchar)(x))
#define BITS_uchar(x) ((ulong)(x))
#define BITS_short(x) ((ulong)(ushort)(x))
#define BITS_ushort(x) ((ulong)(x))
#define BITS_int(x) ((ulong)(uint)(x))
#define BITS_uint(x) ((ulong)(x))
#define BITS_long(x) ((ulong)(x))
#define BITS_ulong(x) (x)
#define BITS_float(x) ((ulong)as_uint(x))
#define BITS_double(x) as_ulong(x)
#define BITS_half(x) ((ulong)as_ushort(x))
#define FROM_BITS_char(b) ((char)(b))
#define FROM_BITS_uchar(b) ((uchar)(b))
#define FROM_BITS_short(b) ((short)(b))
#define FROM_BITS_ushort(b) ((ushort)(b))
#define FROM_BITS_int(b) ((int)(b))
#define FROM_BITS_uint(b) ((uint)(b))
#define FROM_BITS_long(b) ((long)(b))
#define FROM_BITS_ulong(b) (b)
#define FROM_BITS_float(b) as_float((uint)(b))
#define FROM_BITS_double(b) as_double(b)
#define FROM_BITS_half(b) as_half((ushort)(b))

#define EXCHANGE(T)                                                                         \
  CROSS T sub_group_broadcast(T x, uint lane) {                                             \
    return FROM_BITS_##T(isobar_lane(BITS_##T(x), lane));                                   \
  }                                                                                         \
  CROSS T sub_group_shuffle(T x, uint lane) {                                               \
    return FROM_BITS_##T(isobar_lane(BITS_##T(x), lane));                                   \
  }                                                                                         \
  CROSS T sub_group_shuffle_xor(T x, uint mask) {                                           \
    return FROM_BITS_##T(isobar_lane_xor(BITS_##T(x), mask));                               \
  }                                                                                         \
  CROSS T sub_group_shuffle_up(T x, uint delta) {                                           \
    return FROM_BITS_##T(isobar_lane_up(BITS_##T(x), delta));                               \
  }                                                                                         \
  CROSS T sub_group_shuffle_down(T x, uint delta) {                                         \
    return FROM_BITS_##T(isobar_lane_down(BITS_##T(x), delta));                             \
  }

// One operation op over sub-groups and work-groups. Lanes beyond the end of a partial warp never
// contribute: whether a neighbour exists is asked before its value is used.
#define COLLECT(T, op, identity, combine)                                                   \
  CROSS T isobar_combine_##op(T a, T b) { return combine; }                                 \
  CROSS T sub_group_reduce_##op(T x) {                                                      \
    const uint lane = get_sub_group_local_id(), size = get_sub_group_size();                \
    for (uint step = 1; step < size; step <<= 1) {                                          \
      const T other = sub_group_shuffle_down(x, step);                                      \
      const T both = isobar_combine_##op(x, other);                                         \
      x = lane + step < size ? both : x;                                                    \
    }                                                                                       \
    return sub_group_broadcast(x, 0);                                                       \
  }                                                                                         \
  CROSS T sub_group_scan_inclusive_##op(T x) {                                              \
    const uint lane = get_sub_group_local_id(), size = get_sub_group_size();                \
    for (uint step = 1; step < size; step <<= 1) {                                          \
      const T other = sub_group_shuffle_up(x, step);                                        \
      const T both = isobar_combine_##op(other, x);                                         \
      x = lane >= step ? both : x;                                                          \
    }                                                                                       \
    return x;                                                                               \
  }                                                                                         \
  CROSS T sub_group_scan_exclusive_##op(T x) {                                              \
    const T before = sub_group_shuffle_up(sub_group_scan_inclusive_##op(x), 1);             \
    return get_sub_group_local_id() == 0 ? (T)(identity) : before;                          \
  }

#define GROUP_COLLECT(T, op, identity)                                                      \
  /* All warps' values `mine` combined; *before gets those of the warps in front of ours. */ \
  CROSS T isobar_over_warps_##op(T mine, T* before) {                                       \
    __local ulong* table = isobar_group_table();                                            \
    const uint warp = get_sub_group_id(), warps = get_num_sub_groups();                     \
    T all = (T)(identity), front = (T)(identity);                                           \
    for (uint base = 0; base < warps; base += TABLE) {                                      \
      if (warp - base < TABLE && get_sub_group_local_id() == 0)                             \
        table[warp - base] = BITS_##T(mine);                                                \
      isobar_barrier();                                                                     \
      for (uint i = 0; i < TABLE && base + i < warps; ++i) {                                \
        if (base + i == warp) front = all;                                                  \
        const T value = FROM_BITS_##T(table[i]);                                            \
        all = base + i == 0 ? value : isobar_combine_##op(all, value);                      \
      }                                                                                     \
      isobar_barrier();                                                                     \
    }                                                                                       \
    *before = front;                                                                        \
    return all;                                                                             \
  }                                                                                         \
  CROSS T work_group_reduce_##op(T x) {                                                     \
    T before;                                                                               \
    return isobar_over_warps_##op(sub_group_reduce_##op(x), &before);                       \
  }                                                                                         \
  CROSS T work_group_scan_inclusive_##op(T x) {                                             \
    T before;                                                                               \
    const T scan = sub_group_scan_inclusive_##op(x);                                        \
    isobar_over_warps_##op(sub_group_broadcast(scan, get_sub_group_size() - 1), &before);   \
    return get_sub_group_id() == 0 ? scan : isobar_combine_##op(before, scan);              \
  }                                                                                         \
  CROSS T work_group_scan_exclusive_##op(T x) {                                             \
    T before;                                                                               \
    const T scan = sub_group_scan_inclusive_##op(x);                                        \
    isobar_over_warps_##op(sub_group_broadcast(scan, get_sub_group_size() - 1), &before);   \
    const T left = sub_group_shuffle_up(scan, 1);                                           \
    const T both = get_sub_group_id() == 0 ? left : isobar_combine_##op(before, left);      \
    return get_sub_group_local_id() == 0 ? before : both;                                   \
  }

#define COLLECT_TYPE(T, low, high, minimum, maximum)                                        \
  EXCHANGE(T)                                                                               \
  COLLECT(T, add, 0, (T)(a + b))                                                            \
  COLLECT(T, min, high, minimum) COLLECT(T, max, low, maximum)
#define SMALLER (b < a ? b : a)
#define LARGER (a < b ? b : a)
COLLECT_TYPE(char, CHAR_MIN, CHAR_MAX, SMALLER, LARGER)
COLLECT_TYPE(uchar, 0, UCHAR_MAX, SMALLER, LARGER)
COLLECT_TYPE(short, SHRT_MIN, SHRT_MAX, SMALLER, LARGER)
COLLECT_TYPE(ushort, 0, USHRT_MAX, SMALLER, LARGER)
COLLECT_TYPE(int, INT_MIN, INT_MAX, SMALLER, LARGER)
COLLECT_TYPE(uint, 0, UINT_MAX, SMALLER, LARGER)
COLLECT_TYPE(long, LONG_MIN, LONG_MAX, SMALLER, LARGER)
COLLECT_TYPE(ulong, 0, ULONG_MAX, SMALLER, LARGER)
COLLECT_TYPE(float, -INFINITY, INFINITY, __builtin_fminf(a, b), __builtin_fmaxf(a, b))
COLLECT_TYPE(double, -INFINITY, INFINITY, __builtin_fmin(a, b), __builtin_fmax(a, b))
COLLECT_TYPE(half, -INFINITY, INFINITY, __builtin_fminf16(a, b), __builtin_fmaxf16(a, b))

#define GROUP_TYPE(T, low, high)                                                            \
  GROUP_COLLECT(T, add, 0) GROUP_COLLECT(T, min, high) GROUP_COLLECT(T, max, low)           \
  CROSS T isobar_broadcast(T x, bool from_here) {                                           \
    __local ulong* table = isobar_group_table();                                            \
    if (from_here) table[0] = BITS_##T(x);                                                  \
    isobar_barrier();                                                                       \
    const T value = FROM_BITS_##T(table[0]);                                                \
    isobar_barrier();                                                                       \
    return value;                                                                           \
  }                                                                                         \
  CROSS T work_group_broadcast(T v, size_t x) {                                             \
    return isobar_broadcast(v, get_local_id(0) == x);                                       \
  }                                                                                         \
  CROSS T work_group_broadcast(T v, size_t x, size_t y) {                                   \
    return isobar_broadcast(v, get_local_id(0) == x && get_local_id(1) == y);               \
  }                                                                                         \
  CROSS T work_group_broadcast(T v, size_t x, size_t y, size_t z) {                         \
    return isobar_broadcast(                                                                \
        v, get_local_id(0) == x && get_local_id(1) == y && get_local_id(2) == z);           \
  }
GROUP_TYPE(int, INT_MIN, INT_MAX) GROUP_TYPE(uint, 0, UINT_MAX)
GROUP_TYPE(long, LONG_MIN, LONG_MAX) GROUP_TYPE(ulong, 0, ULONG_MAX)
GROUP_TYPE(float, -INFINITY, INFINITY) GROUP_TYPE(double, -INFINITY, INFINITY)
GROUP_TYPE(half, -INFINITY, INFINITY)

CROSS int work_group_all(int predicate) {
  return work_group_reduce_min((int)(predicate != 0));
}
CROSS int work_group_any(int predicate) {
  return work_group_reduce_max((int)(predicate != 0));
}
