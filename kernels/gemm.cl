// Matrix multiply, C = A B or C = Aᵀ B (row-major, float), with an epilogue, over a batch.
//
// A warp of 32 work-items computes ROWS x (32 COLUMNS) elements of C in registers: its lanes lie
// along the columns, so a row of B is COLUMNS loads of unit stride and an element of A is one
// address for the whole warp. Each step of k then costs ROWS + COLUMNS loads for ROWS x COLUMNS
// fused multiply-adds, and nothing is shared between warps, so there is no barrier.
// C = A Bᵀ goes through `transpose` (transpose.cl): weights are transposed once per step.
//
// Host code (src/nn/gemm.cpp) compiles this text once per variant, having defined
//   GEMM_NAME, GEMM_ROWS, GEMM_COLUMNS,
//   GEMM_TRANSPOSED_A  1: A is stored (K, M)
//   GEMM_EDGE          1: any M, N, K; 0: M >= GEMM_ROWS, N divides by 32 GEMM_COLUMNS, K by 4
// Sums run over k in ascending order with one rounding each: results do not depend on the tiling.

#if GEMM_EDGE
#define GEMM_UNROLL 1
#else
#define GEMM_UNROLL 4
#endif

__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void GEMM_NAME(
    __global const float* a_base, uint a_offset, uint a_leading, uint a_outer, uint a_inner,
    __global const float* b_base, uint b_offset, uint b_leading, uint b_outer, uint b_inner,
    __global float* c_base, uint c_offset, uint c_leading, uint c_outer, uint c_inner,
    uint rows, uint columns, uint depth,
    uint batch_inner,   // batch z is (z / batch_inner, z % batch_inner)
    uint causal,        // kCausal*: which k can contribute to a tile (src/nn/gemm.h)
    uint epilogue,      // 1: add bias[column]; 2: add residual[row][column]; 4: add to C
    __global const float* bias, uint bias_offset,
    __global const float* residual, uint residual_offset) {  // laid out as C
  const uint lane = get_local_id(0);
  // The last tile is moved up to lie within the matrix; it does not store the rows of its neighbour.
  const uint first_stored = get_group_id(1) * GEMM_ROWS;
#if GEMM_EDGE
  const uint row = first_stored;
#else
  const uint row = min(first_stored, rows - GEMM_ROWS);
#endif
  const uint column = get_group_id(0) * (32 * GEMM_COLUMNS) + lane;
  const uint outer = get_group_id(2) / batch_inner;
  const uint inner = get_group_id(2) - outer * batch_inner;

  // Causal products: T x T probabilities whose upper triangle is zero need not be summed over.
  uint first = 0, last = depth;
  if (causal == 1) last = min(depth, row + GEMM_ROWS);   // k <= row
  if (causal == 2) first = row & ~3u;                    // k >= row
#if !GEMM_EDGE
  last = (last + 3) & ~3u;
#endif

  __global const float* a = a_base + (a_offset + outer * a_outer + inner * a_inner);
  __global const float* b = b_base + (b_offset + outer * b_outer + inner * b_inner);

  float sum[GEMM_ROWS][GEMM_COLUMNS];
#pragma unroll
  for (uint r = 0; r < GEMM_ROWS; ++r)
#pragma unroll
    for (uint c = 0; c < GEMM_COLUMNS; ++c) sum[r][c] = 0.0f;

  // Where the loads of this work-item start. At the edges rows and columns outside the matrix
  // read the last one inside instead, and are not stored.
#if GEMM_TRANSPOSED_A
#define GEMM_A_LOADS 1
  a += first * a_leading;
#else
#define GEMM_A_LOADS GEMM_ROWS
  a += first;
#endif
  b += first * b_leading;
#if GEMM_EDGE
  uint a_at[GEMM_ROWS], b_at[GEMM_COLUMNS];
#pragma unroll
  for (uint r = 0; r < GEMM_ROWS; ++r)
    a_at[r] = GEMM_TRANSPOSED_A ? min(row + r, rows - 1) : min(row + r, rows - 1) * a_leading;
#pragma unroll
  for (uint c = 0; c < GEMM_COLUMNS; ++c) b_at[c] = min(column + 32 * c, columns - 1);
  for (uint k = first; k < last; ++k) {
    float b_row[GEMM_COLUMNS];
#pragma unroll
    for (uint c = 0; c < GEMM_COLUMNS; ++c) b_row[c] = b[b_at[c]];
#pragma unroll
    for (uint r = 0; r < GEMM_ROWS; ++r) {
      const float a_element = a[a_at[r]];
#pragma unroll
      for (uint c = 0; c < GEMM_COLUMNS; ++c) sum[r][c] = fma(a_element, b_row[c], sum[r][c]);
    }
    a += GEMM_TRANSPOSED_A ? a_leading : 1;
    b += b_leading;
  }
#else
  __global const float* a_row[GEMM_A_LOADS];
#pragma unroll
  for (uint r = 0; r < GEMM_A_LOADS; ++r)
    a_row[r] = GEMM_TRANSPOSED_A ? a + row : a + (row + r) * a_leading;
  b += column;
  const size_t b_step = b_leading;
  const size_t a_step = a_leading;
#pragma unroll 1
  for (uint k = last - first; k != 0; k -= GEMM_UNROLL) {
#pragma unroll
    for (uint u = 0; u < GEMM_UNROLL; ++u) {
      float b_row[GEMM_COLUMNS];
#pragma unroll
      for (uint c = 0; c < GEMM_COLUMNS; ++c) b_row[c] = b[32 * c];
#pragma unroll
      for (uint r = 0; r < GEMM_ROWS; ++r) {
        const float a_element = GEMM_TRANSPOSED_A ? a_row[0][r] : a_row[r % GEMM_A_LOADS][u];
#pragma unroll
        for (uint c = 0; c < GEMM_COLUMNS; ++c) sum[r][c] = fma(a_element, b_row[c], sum[r][c]);
      }
      b += b_step;
      if (GEMM_TRANSPOSED_A) a_row[0] += a_step;
    }
    if (!GEMM_TRANSPOSED_A) {
#pragma unroll
      for (uint r = 0; r < GEMM_A_LOADS; ++r) a_row[r] += GEMM_UNROLL;
    }
  }
#endif

  __global float* c_out = c_base + (c_offset + outer * c_outer + inner * c_inner);
  residual += residual_offset + outer * c_outer + inner * c_inner;
#pragma unroll
  for (uint c = 0; c < GEMM_COLUMNS; ++c) {
#if GEMM_EDGE
    if (column + 32 * c >= columns) continue;
#endif
    const float bias_element = (epilogue & 1) ? bias[bias_offset + column + 32 * c] : 0.0f;
#pragma unroll
    for (uint r = 0; r < GEMM_ROWS; ++r) {
#if GEMM_EDGE
      if (row + r >= rows) continue;
#else
      if (row + r < first_stored) continue;
#endif
      const size_t at = (size_t)(row + r) * c_leading + (column + 32 * c);
      float value = sum[r][c] + bias_element;
      if (epilogue & 2) value += residual[at];
      c_out[at] = (epilogue & 4) ? c_out[at] + value : value;
    }
  }
}
#undef GEMM_A_LOADS
#undef GEMM_UNROLL
