// Operations on single elements (FOR_EACH_ELEMENT, math.cl), and sums over columns.

// out = gelu(in)
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void gelu_forward(
    __global const float* in, uint in_offset, __global float* out, uint out_offset, uint count,
    uint kind) {
  in += in_offset;
  out += out_offset;
  if (kind == GELU_EXACT)
    FOR_EACH_ELEMENT(i, count) out[i] = gelu(in[i], GELU_EXACT);
  else
    FOR_EACH_ELEMENT(i, count) out[i] = gelu(in[i], GELU_TANH);
}

// gradient *= gelu'(in)
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void gelu_backward(
    __global const float* in, uint in_offset, __global float* gradient, uint gradient_offset,
    uint count, uint kind) {
  in += in_offset;
  gradient += gradient_offset;
  if (kind == GELU_EXACT)
    FOR_EACH_ELEMENT(i, count) gradient[i] *= gelu_slope(in[i], GELU_EXACT);
  else
    FOR_EACH_ELEMENT(i, count) gradient[i] *= gelu_slope(in[i], GELU_TANH);
}

// out += in
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void add(
    __global const float* in, uint in_offset, __global float* out, uint out_offset, uint count) {
  in += in_offset;
  out += out_offset;
  FOR_EACH_ELEMENT(i, count) out[i] += in[i];
}

// out[chunk][column] = the sum of in[row][column] over the rows of the chunk, in ascending order.
// Launched once over chunks and once over their sums. Lanes lie along the columns.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void column_sum(
    __global const float* in, uint in_offset, __global float* out, uint out_offset,
    uint rows, uint columns, uint chunk) {
  const uint column = get_global_id(0);
  if (column >= columns) return;
  const uint first = get_group_id(1) * chunk, last = min(rows, first + chunk);
  in += in_offset + column;
  float sum = 0.0f;
  for (uint row = first; row < last; ++row) sum += in[(size_t)row * columns];
  out[out_offset + get_group_id(1) * columns + column] = sum;
}
