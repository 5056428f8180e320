// Matrix multiply through local memory: C = A B or Aᵀ B as gemm.cl, for large regular sizes.
//
// Eight warps share a work-group and a tile of 48 x 128 elements of C: each keeps 6 x 128 of it in
// registers as gemm.cl does, and together they stage 32 rows of B in local memory, so that B leaves
// global memory once per 48 rows of C instead of once per 6. Rows of A are staged too where they
// are contiguous (each warp its own); of Aᵀ the six elements a warp needs lie side by side.
//
// Host code (src/nn/gemm.cpp) compiles this text once per variant, having defined
//   GEMM_NAME, GEMM_TRANSPOSED_A (1: A is stored (K, M)).
// Needs M >= 48, N divisible by 128, K by 32. Sums run over k in ascending order with one rounding
// each, as in gemm.cl: both give the same bits.

#define WARPS 8
#define ROWS 6        // of C per warp
#define COLUMNS 4     // of C per work-item, 32 apart
#define HEIGHT (WARPS * ROWS)
#define WIDTH (32 * COLUMNS)
#define DEPTH 32      // rows of B staged at a time
#define UNROLL 4

__kernel __attribute__((reqd_work_group_size(32, WARPS, 1))) void GEMM_NAME(
    __global const float* a, uint a_offset, uint a_leading,
    __global const float* b, uint b_offset, uint b_leading,
    __global float* c, uint c_offset, uint c_leading, uint rows, uint depth,
    uint epilogue,  // 1: add bias[column]; 2: add residual[row][column]; 4: add to C
    __global const float* bias, uint bias_offset,
    __global const float* residual, uint residual_offset) {  // laid out as C
  __local float b_tile[DEPTH * WIDTH];
#if !GEMM_TRANSPOSED_A
  __local float a_tile[HEIGHT * DEPTH];
#endif
  const uint lane = get_local_id(0), warp = get_local_id(1);
  const uint column = get_group_id(0) * WIDTH + lane;
  // The last tile is moved up to lie within the matrix; it does not store the rows of its neighbour.
  const uint first_stored = get_group_id(1) * HEIGHT;
  const uint row = min(first_stored, rows - HEIGHT) + warp * ROWS;

  // What this work-item stages: its column of four rows of B, its k of its warp's rows of A.
  const size_t a_step = a_leading, b_step = b_leading;
  __global const float* b_from = b + b_offset + (warp * (DEPTH / WARPS)) * b_step + column;
  __local float* b_to = b_tile + warp * (DEPTH / WARPS) * WIDTH + lane;
#if GEMM_TRANSPOSED_A
  __global const float* a_from = a + a_offset + row;
#else
  __global const float* a_from = a + a_offset + row * a_step + lane;
  __local float* a_to = a_tile + warp * (ROWS * DEPTH) + lane;
#endif

  float sum[ROWS][COLUMNS];
#pragma unroll
  for (uint r = 0; r < ROWS; ++r)
#pragma unroll
    for (uint i = 0; i < COLUMNS; ++i) sum[r][i] = 0.0f;

  for (uint k = 0; k < depth; k += DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);  // nobody reads the last tile any more
    __global const float* b_row = b_from;
#pragma unroll
    for (uint j = 0; j < DEPTH / WARPS; ++j, b_row += b_step)
#pragma unroll
      for (uint i = 0; i < COLUMNS; ++i) b_to[j * WIDTH + 32 * i] = b_row[32 * i];
    b_from += DEPTH * b_step;
#if !GEMM_TRANSPOSED_A
    __global const float* a_row = a_from;
#pragma unroll
    for (uint r = 0; r < ROWS; ++r, a_row += a_step) a_to[r * DEPTH] = *a_row;
    a_from += DEPTH;
    __local const float* a_at = a_tile + warp * (ROWS * DEPTH);
#endif
    barrier(CLK_LOCAL_MEM_FENCE);

    __local const float* b_at = b_tile + lane;
#pragma unroll 1
    for (uint steps = DEPTH / UNROLL; steps != 0; --steps, b_at += UNROLL * WIDTH) {
#pragma unroll
      for (uint u = 0; u < UNROLL; ++u) {
        float b_element[COLUMNS];
#pragma unroll
        for (uint i = 0; i < COLUMNS; ++i) b_element[i] = b_at[u * WIDTH + 32 * i];
#pragma unroll
        for (uint r = 0; r < ROWS; ++r) {
#if GEMM_TRANSPOSED_A
          const float a_element = a_from[r];
#else
          const float a_element = a_at[r * DEPTH + u];
#endif
#pragma unroll
          for (uint i = 0; i < COLUMNS; ++i)
            sum[r][i] = fma(a_element, b_element[i], sum[r][i]);
        }
#if GEMM_TRANSPOSED_A
        a_from += a_step;
#endif
      }
#if !GEMM_TRANSPOSED_A
      a_at += UNROLL;
#endif
    }
  }

  c += c_offset;
  residual += residual_offset;
#pragma unroll
  for (uint i = 0; i < COLUMNS; ++i) {
    const float bias_element = (epilogue & 1) ? bias[bias_offset + column + 32 * i] : 0.0f;
#pragma unroll
    for (uint r = 0; r < ROWS; ++r) {
      if (row + r < first_stored) continue;
      const size_t at = (row + r) * (size_t)c_leading + (column + 32 * i);
      float value = sum[r][i] + bias_element;
      if (epilogue & 2) value += residual[at];
      c[at] = (epilogue & 4) ? c[at] + value : value;
    }
  }
}
#undef WARPS
#undef ROWS
#undef COLUMNS
#undef HEIGHT
#undef WIDTH
#undef DEPTH
#undef UNROLL
