// Five of the six kernels whose cycles in RTL simulation Vortex publishes; the sixth is in
// vortex_softmax.cl. Each does per work-item what theirs does, with the same work-groups, so that
// instructions per cycle can be compared on a chip described like theirs. Sizes, for L lanes and
// W = 4 warps per core (their default occupancy):
//
//   kernel      argument      global size        work-group    type    inner loop of a work-item
//   vecadd      -n16384       16384              4 L           float   one addition
//   sgemm       -n128         128 x 128          L x 4         float   128 multiply-adds
//   sgemmx      -n128         32 x 32            4 x 4         float   32 tiles of 4 x (4 x 4)
//   sgemv       -m512 -n512   512                4 L           float   128 times float4 . float4
//   stencil3d   -n32          32 x 32 x 32       2 x 2 x 2     float   27 clamped neighbours
//
// A work-group of stencil3d fills half a warp of 16 lanes, and one of sgemmx is one warp of 16
// lanes or four of 4. Reference: vortexgpgpu/vortex, tests/regression, and ci/baselines/perf.

__kernel void vx_vecadd(__global const float* a, __global const float* b, __global float* c) {
  const uint i = get_group_id(0) * get_local_size(0) + get_local_id(0);
  c[i] = a[i] + b[i];
}

// The lanes of a warp share a row, so that every load of `a` is one address for all of them. Their
// 609 instructions per warp are 128 x 4.5 and 33: their compiler unrolls by four.
__kernel void vx_sgemm(__global const float* a, __global const float* b, __global float* c, int n) {
  const int column = get_global_id(0), row = get_global_id(1);
  float sum = 0.0f;
#pragma unroll 4
  for (int k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  c[row * n + column] = sum;
}

#define GROUP 4     // work-items a side
#define PER_ITEM 4  // results of one work-item a side
#define TILE (GROUP * PER_ITEM)
#define DEPTH 4  // of a tile; one work-item loads one column of A, one row of B

__kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void vx_sgemmx(__global const float* a, __global const float* b, __global float* c, int n,
               float alpha, float beta) {
  __local float tile_a[TILE * DEPTH], tile_b[DEPTH * TILE];
  const int x = get_local_id(0), y = get_local_id(1);
  __local float* own_a = tile_a + y * PER_ITEM * DEPTH;  // the rows of A that this item needs,
  __local float* own_b = tile_b + x * PER_ITEM;          // and the columns of B
  __local float* into_a = own_a + x;
  __local float* into_b = own_b + y * TILE;
  const int first_row = get_group_id(1) * TILE + y * PER_ITEM;
  const int first_column = get_group_id(0) * TILE + x * PER_ITEM;
  __global const float* from_a = a + first_row * n + x;
  __global const float* from_b = b + y * n + first_column;
  float sums[PER_ITEM][PER_ITEM] = {};

  for (int start = 0; start < n; start += DEPTH) {
#pragma unroll
    for (int i = 0; i < PER_ITEM; ++i) into_a[i * DEPTH] = from_a[i * n];
#pragma unroll
    for (int j = 0; j < PER_ITEM; ++j) into_b[j] = from_b[j];
    from_a += DEPTH;
    from_b += DEPTH * n;
    barrier(CLK_LOCAL_MEM_FENCE);

#pragma unroll
    for (int k = 0; k < DEPTH; ++k) {
      float column_of_a[PER_ITEM], row_of_b[PER_ITEM];
#pragma unroll
      for (int i = 0; i < PER_ITEM; ++i) column_of_a[i] = own_a[i * DEPTH + k];
#pragma unroll
      for (int j = 0; j < PER_ITEM; ++j) row_of_b[j] = own_b[k * TILE + j];
#pragma unroll
      for (int i = 0; i < PER_ITEM; ++i)
#pragma unroll
        for (int j = 0; j < PER_ITEM; ++j) sums[i][j] += column_of_a[i] * row_of_b[j];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

#pragma unroll
  for (int i = 0; i < PER_ITEM; ++i)
#pragma unroll
    for (int j = 0; j < PER_ITEM; ++j) {
      __global float* result = c + (first_row + i) * n + first_column + j;
      *result = alpha * sums[i][j] + beta * *result;
    }
}

// One row per work-item: the lanes of a warp read `a` a whole row apart, and `x` at one address.
__kernel void vx_sgemv(__global const float* a, __global const float* x, __global float* y,
                       int rows, int columns) {
  const int row = get_group_id(0) * get_local_size(0) + get_local_id(0);
  if (row >= rows) return;
  float sum = 0.0f;
  for (int k = 0; k < columns; k += 4) {
    const float4 left = *(__global const float4*)(a + row * columns + k);
    const float4 right = *(__global const float4*)(x + k);
    sum += left.x * right.x + left.y * right.y + left.z * right.z + left.w * right.w;
  }
  y[row] = sum;
}

// The mean of the 27 cells around each, the border repeated outwards.
__kernel void vx_stencil3d(__global const float* in, __global float* out, int n) {
  const int column = get_global_id(0), row = get_global_id(1), layer = get_global_id(2);
  float sum = 0.0f;
  int cells = 0;
#pragma unroll
  for (int dz = -1; dz <= 1; ++dz)
#pragma unroll
    for (int dy = -1; dy <= 1; ++dy)
#pragma unroll
      for (int dx = -1; dx <= 1; ++dx) {
        const int z = clamp(layer + dz, 0, n - 1);
        const int y = clamp(row + dy, 0, n - 1);
        const int x = clamp(column + dx, 0, n - 1);
        sum += in[(z * n + y) * n + x];
        ++cells;
      }
  out[(layer * n + row) * n + column] = sum / cells;
}
