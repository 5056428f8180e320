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

// cl_khr_subgroup_ballot, _non_uniform_vote, _extended_types, _rotate. A warp has at most 64 lanes,
// so a ballot fills two of the four words.
CROSS ulong isobar_active_lanes(void) { return isobar_ballot(1); }
FN uint4 isobar_words(ulong mask) { return (uint4)((uint)mask, (uint)(mask >> 32), 0, 0); }
FN ulong isobar_mask(uint4 words) { return (ulong)words.s1 << 32 | words.s0; }
// Bits of the lanes that the sub-group has; of those below, up to and above this lane.
FN ulong isobar_lanes_up_to(uint lane) { return ~0ul >> (63 - lane); }
FN ulong isobar_existing(void) { return isobar_lanes_up_to(get_sub_group_size() - 1); }
FN ulong isobar_self(void) { return 1ul << get_sub_group_local_id(); }

FN uint4 get_sub_group_eq_mask(void) { return isobar_words(isobar_self()); }
FN uint4 get_sub_group_lt_mask(void) { return isobar_words(isobar_self() - 1); }
FN uint4 get_sub_group_le_mask(void) { return isobar_words(isobar_self() | (isobar_self() - 1)); }
FN uint4 get_sub_group_gt_mask(void) {
  return isobar_words(isobar_existing() & ~(isobar_self() | (isobar_self() - 1)));
}
FN uint4 get_sub_group_ge_mask(void) {
  return isobar_words(isobar_existing() & ~(isobar_self() - 1));
}

CROSS uint4 sub_group_ballot(int predicate) {
  return isobar_words(isobar_ballot((ulong)(predicate != 0)));
}
FN int sub_group_inverse_ballot(uint4 value) { return (isobar_mask(value) & isobar_self()) != 0; }
FN int sub_group_ballot_bit_extract(uint4 value, uint index) {
  return index < 64 ? (int)(isobar_mask(value) >> index & 1) : 0;
}
FN uint sub_group_ballot_bit_count(uint4 value) {
  return (uint)__builtin_popcountl(isobar_mask(value) & isobar_existing());
}
FN uint sub_group_ballot_inclusive_scan(uint4 value) {
  return (uint)__builtin_popcountl(isobar_mask(value) & (isobar_self() | (isobar_self() - 1)));
}
FN uint sub_group_ballot_exclusive_scan(uint4 value) {
  return (uint)__builtin_popcountl(isobar_mask(value) & (isobar_self() - 1));
}
FN uint sub_group_ballot_find_lsb(uint4 value) {
  const ulong mask = isobar_mask(value) & isobar_existing();
  return mask ? (uint)__builtin_ctzl(mask) : 64;
}
FN uint sub_group_ballot_find_msb(uint4 value) {
  const ulong mask = isobar_mask(value) & isobar_existing();
  return mask ? 63 - (uint)__builtin_clzl(mask) : 64;
}

CROSS int sub_group_elect(void) {
  return (uint)__builtin_ctzl(isobar_active_lanes()) == get_sub_group_local_id();
}
CROSS int sub_group_non_uniform_all(int predicate) { return sub_group_all(predicate); }
CROSS int sub_group_non_uniform_any(int predicate) { return sub_group_any(predicate); }

#define NON_UNIFORM(T)                                                                      \
  CROSS T sub_group_broadcast_first(T x) {                                                  \
    return sub_group_broadcast(x, (uint)__builtin_ctzl(isobar_active_lanes()));             \
  }                                                                                         \
  CROSS int sub_group_non_uniform_all_equal(T x) {                                          \
    return sub_group_all(x == sub_group_broadcast_first(x));                                \
  }                                                                                         \
  CROSS T sub_group_non_uniform_broadcast(T x, uint lane) {                                 \
    return sub_group_broadcast(x, lane);                                                    \
  }                                                                                         \
  CROSS T sub_group_rotate(T x, int delta) {                                                \
    const int size = (int)get_sub_group_size();                                             \
    const int lane = ((int)get_sub_group_local_id() + delta) % size;                        \
    return sub_group_broadcast(x, (uint)(lane < 0 ? lane + size : lane));                   \
  }                                                                                         \
  WIDE(T, 2, sub_group_broadcast) WIDE(T, 3, sub_group_broadcast)                           \
  WIDE(T, 4, sub_group_broadcast) WIDE(T, 8, sub_group_broadcast)                           \
  WIDE(T, 16, sub_group_broadcast)                                                          \
  WIDE(T, 2, sub_group_non_uniform_broadcast) WIDE(T, 3, sub_group_non_uniform_broadcast)   \
  WIDE(T, 4, sub_group_non_uniform_broadcast) WIDE(T, 8, sub_group_non_uniform_broadcast)   \
  WIDE(T, 16, sub_group_non_uniform_broadcast)
#define WIDE(T, n, f)                                                                       \
  CROSS T##n f(T##n x, uint lane) {                                                         \
    T##n r;                                                                                 \
    _Pragma("unroll") for (int i = 0; i < n; ++i) r[i] = f((T)x[i], lane);                  \
    return r;                                                                               \
  }
NON_UNIFORM(char) NON_UNIFORM(uchar) NON_UNIFORM(short) NON_UNIFORM(ushort) NON_UNIFORM(int)
NON_UNIFORM(uint) NON_UNIFORM(long) NON_UNIFORM(ulong) NON_UNIFORM(float) NON_UNIFORM(double)
NON_UNIFORM(half)
