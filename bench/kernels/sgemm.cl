// C = A B, row-major, n x n. Naive: one work-item per element of C. Tiled: 16 x 16 tiles of A and B
// in local memory.
__kernel void sgemm_naive(__global const float* a, __global const float* b, __global float* c,
                          uint n) {
  const uint column = get_global_id(0), row = get_global_id(1);
  float sum = 0.0f;
  for (uint k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  c[row * n + column] = sum;
}

#define TILE 16
__kernel __attribute__((reqd_work_group_size(TILE, TILE, 1)))
void sgemm_tiled(__global const float* a, __global const float* b, __global float* c, uint n) {
  __local float tile_a[TILE][TILE], tile_b[TILE][TILE];
  const uint column = get_global_id(0), row = get_global_id(1);
  const uint x = get_local_id(0), y = get_local_id(1);
  float sum = 0.0f;
  for (uint start = 0; start < n; start += TILE) {
    tile_a[y][x] = a[row * n + start + x];
    tile_b[y][x] = b[(start + y) * n + column];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint k = 0; k < TILE; ++k) sum += tile_a[y][k] * tile_b[k][x];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  c[row * n + column] = sum;
}
