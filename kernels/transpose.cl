// out = inᵀ over a batch of matrices, through a tile of local memory so that loads and stores both
// have unit stride. The tile's rows are 33 wide: reading it by columns meets every bank once.

#define TILE 32

__kernel __attribute__((reqd_work_group_size(TILE, 1, 1))) void transpose(
    __global const float* in, uint in_offset, uint in_leading, uint in_outer, uint in_inner,
    __global float* out, uint out_offset, uint out_leading, uint out_outer, uint out_inner,
    uint rows, uint columns, uint batch_inner) {  // of `in`
  __local float tile[TILE][TILE + 1];
  const uint lane = get_local_id(0);
  const uint column = get_group_id(0) * TILE;
  const uint row = get_group_id(1) * TILE;
  const uint outer = get_group_id(2) / batch_inner;
  const uint inner = get_group_id(2) - outer * batch_inner;
  in += in_offset + outer * in_outer + inner * in_inner;
  out += out_offset + outer * out_outer + inner * out_inner;

  const uint tall = min((uint)TILE, rows - row), wide = min((uint)TILE, columns - column);
  if (lane < wide)
    for (uint r = 0; r < tall; ++r)
      tile[r][lane] = in[(size_t)(row + r) * in_leading + (column + lane)];
  barrier(CLK_LOCAL_MEM_FENCE);
  if (lane < tall)
    for (uint c = 0; c < wide; ++c)
      out[(size_t)(column + c) * out_leading + (row + lane)] = tile[lane][c];
}
