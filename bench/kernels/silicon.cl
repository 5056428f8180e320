// Four operations whose times on an A100 are published (bench/timing/suite_timing_silicon.cpp), on half
// precision in memory and single precision in registers, written for a chip of vector pipes as a
// library would write them: four neighbouring halves per work-item and access, reductions within a
// warp where a row is short, tiles of a matrix in local memory.
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_subgroups : enable

#define GROUP 256

inline float4 unpacked(ulong four) {
  return (float4)(as_half((ushort)four), as_half((ushort)(four >> 16)),
                  as_half((ushort)(four >> 32)), as_half((ushort)(four >> 48)));
}

inline ulong packed(float4 v) {
  const uint low = as_ushort((half)v.x) | (uint)as_ushort((half)v.y) << 16;
  const uint high = as_ushort((half)v.z) | (uint)as_ushort((half)v.w) << 16;
  return low | (ulong)high << 32;
}

// Reads and writes what an operation will, so that it finds the caches as a repeated run does.
__kernel void touch(__global const ulong* in, __global ulong* out) {
  const size_t i = get_global_id(0);
  out[i] = in[i];
}

// 2^x for -126 <= x <= 126, to the precision of half: x = n + f, |f| <= 1/2; a polynomial of f,
// and n onto the exponent.
inline float4 power_of_two(float4 x) {
  const float rounder = 12582912.0f;  // 1.5 x 2^23: what is added to it loses its fraction
  const float4 whole = x + rounder;
  const float4 f = x - (whole - rounder);
  float4 p = fma(f, 0.0555041f, 0.2402265f);
  p = fma(p, f, 0.6931472f);
  p = fma(p, f, 1.0f);
  return as_float4(as_int4(p) + (as_int4(whole) << 23));
}

// GELU by the hyperbolic tangent: x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3). A
// work-item has PIECES of four, so that what a kernel does once does not count.
#define PIECES 4
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void gelu(__global const ulong* in, __global ulong* out) {
  const size_t first = get_group_id(0) * (PIECES * GROUP) + get_local_id(0);
  for (size_t i = first; i < first + PIECES * GROUP; i += GROUP) {
    const float4 x = unpacked(in[i]);
    const float4 scaled = x * fma(x * x, -0.1029432f, -2.3022082f);  // -2u log2(e)
    out[i] = packed(x / (1.0f + power_of_two(clamp(scaled, -126.0f, 126.0f))));
  }
}

inline float sum_of(float4 v) { return (v.x + v.y) + (v.z + v.w); }
inline float most_of(float4 v) { return fmax(fmax(v.x, v.y), fmax(v.z, v.w)); }

// A reduction of a work-group: of its warps, then of what they left in a table. All get the result.
#define WARPS (GROUP / 32)
#define REDUCE(name, op, combine)                                                            \
  inline float name(float value, __local float* table) {                                     \
    const float mine = sub_group_reduce_##op(value);                                         \
    if (get_sub_group_local_id() == 0) table[get_sub_group_id()] = mine;                     \
    barrier(CLK_LOCAL_MEM_FENCE);                                                            \
    float result = table[0];                                                                 \
    _Pragma("unroll") for (uint i = 1; i < WARPS; ++i) result = combine(result, table[i]);   \
    return result;                                                                           \
  }
#define PLUS(a, b) ((a) + (b))
REDUCE(group_sum, add, PLUS)
REDUCE(group_most, max, fmax)

// `width` work-items share a row, four of its columns each at a time: a warp, or a work-group.
#define ROW(index, width, id)                                   \
  const uint pieces = columns / 4, place = id;                  \
  __global const ulong* x = in + (size_t)(index) * pieces;      \
  __global ulong* y = out + (size_t)(index) * pieces;           \
  const uint step = width

// Three passes over the row: the largest, the sum, the result.
#define SOFTMAX(most_among, sum_among)                                                       \
  float4 most = -INFINITY;                                                                   \
  for (uint i = place; i < pieces; i += step) most = fmax(most, unpacked(x[i]));             \
  const float largest = 1.442695f * most_among(most_of(most));                               \
  float4 sums = 0.0f;                                                                        \
  for (uint i = place; i < pieces; i += step)                                                \
    sums += power_of_two(fmax(fma(unpacked(x[i]), 1.442695f, -largest), -126.0f));           \
  const float scale = 1.0f / sum_among(sum_of(sums));                                        \
  for (uint i = place; i < pieces; i += step)                                                \
    y[i] = packed(scale * power_of_two(fmax(fma(unpacked(x[i]), 1.442695f, -largest), -126.0f)))

// Two passes: sums of values and squares, the result. No scale and shift.
#define LAYERNORM(sum_among, square_among)                                                   \
  float4 sums = 0.0f, squares = 0.0f;                                                        \
  for (uint i = place; i < pieces; i += step) {                                              \
    const float4 v = unpacked(x[i]);                                                         \
    sums += v;                                                                               \
    squares = fma(v, v, squares);                                                            \
  }                                                                                          \
  const float mean = sum_among(sum_of(sums)) / columns;                                      \
  const float square = square_among(sum_of(squares)) / columns;                              \
  const float scale = rsqrt(square - mean * mean + 1e-5f);                                   \
  for (uint i = place; i < pieces; i += step) y[i] = packed((unpacked(x[i]) - mean) * scale)

#define WARP_ROW ROW(get_global_id(0) / get_max_sub_group_size(), get_max_sub_group_size(), \
                     get_sub_group_local_id())
#define GROUP_ROW ROW(get_group_id(0), GROUP, get_local_id(0))
#define ROWS __kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void

ROWS softmax_warp(__global const ulong* in, __global ulong* out, uint columns) {
  WARP_ROW;
  SOFTMAX(sub_group_reduce_max, sub_group_reduce_add);
}
ROWS softmax_group(__global const ulong* in, __global ulong* out, uint columns) {
  GROUP_ROW;
#define GROUP_MOST(value) group_most(value, tables[0])
#define GROUP_SUM(value) group_sum(value, tables[1])
  __local float tables[2][WARPS];
  SOFTMAX(GROUP_MOST, GROUP_SUM);
}
ROWS layernorm_warp(__global const ulong* in, __global ulong* out, uint columns) {
  WARP_ROW;
  LAYERNORM(sub_group_reduce_add, sub_group_reduce_add);
}
ROWS layernorm_group(__global const ulong* in, __global ulong* out, uint columns) {
  GROUP_ROW;
#define GROUP_SQUARE(value) group_sum(value, tables[0])
  __local float tables[2][WARPS];
  LAYERNORM(GROUP_SUM, GROUP_SQUARE);
}

// C = A B: M x K by K x N, row-major. A work-group makes 64 x 64 of C, a work-item 16 of them, as
// many as registers hold; 16 of K at a time in local memory, in single precision.
#define BLOCK 64
#define DEPTH 16
#define EACH(f) f(0) f(1) f(2) f(3)
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void matmul(__global const half* a, __global const half* b, __global half* c, uint n, uint k) {
  __local float tile_a[DEPTH][BLOCK + 4];  // transposed; padded, for its columns' banks
  __local float tile_b[DEPTH][BLOCK];
  const uint lid = get_local_id(0), x = lid % 16, y = lid / 16;
  const size_t row = get_group_id(1) * BLOCK, column = get_group_id(0) * BLOCK;
  // What a work-item brings: four of a row of A, four of a row of B.
  __global const half* from_a = a + (row + lid / 4) * k + lid % 4 * 4;
  __global const half* from_b = b + lid / 16 * n + column + lid % 16 * 4;
  __local float* to_a = &tile_a[lid % 4 * 4][lid / 4];
  __local float* to_b = &tile_b[y][x * 4];
  float4 c0 = 0.0f, c1 = 0.0f, c2 = 0.0f, c3 = 0.0f;
  float4 next_a = unpacked(*(__global const ulong*)from_a);
  float4 next_b = unpacked(*(__global const ulong*)from_b);
  for (uint start = 0; start < k; start += DEPTH) {
#define STORE(j) to_a[j * (BLOCK + 4)] = next_a[j]; to_b[j] = next_b[j];
    EACH(STORE)
    barrier(CLK_LOCAL_MEM_FENCE);
    if (start + DEPTH < k) {
      next_a = unpacked(*(__global const ulong*)(from_a + start + DEPTH));
      next_b = unpacked(*(__global const ulong*)(from_b + (size_t)(start + DEPTH) * n));
    }
#pragma unroll
    for (uint i = 0; i < DEPTH; ++i) {
      const float4 v = (float4)(tile_b[i][x], tile_b[i][x + 16], tile_b[i][x + 32],
                                tile_b[i][x + 48]);
#define MULTIPLY(j) c##j = fma(tile_a[i][y + 16 * j], v, c##j);
      EACH(MULTIPLY)
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  __global half* to = c + (row + y) * n + column + x;
#define KEEP(j)                             \
  to[(size_t)(16 * j) * n] = (half)c##j.x;      \
  to[(size_t)(16 * j) * n + 16] = (half)c##j.y; \
  to[(size_t)(16 * j) * n + 32] = (half)c##j.z; \
  to[(size_t)(16 * j) * n + 48] = (half)c##j.w;
  EACH(KEEP)
}
