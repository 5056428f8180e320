// softmax and layer norm over rows: one work-group of 128 per row, which it holds in local memory.
#define GROUP 128

float group_sum(float value, __local float* scratch) {
  const uint lid = get_local_id(0);
  scratch[lid] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint s = GROUP / 2; s > 0; s /= 2) {
    if (lid < s) scratch[lid] += scratch[lid + s];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float total = scratch[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return total;
}

float group_max(float value, __local float* scratch) {
  const uint lid = get_local_id(0);
  scratch[lid] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint s = GROUP / 2; s > 0; s /= 2) {
    if (lid < s) scratch[lid] = fmax(scratch[lid], scratch[lid + s]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float largest = scratch[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return largest;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void softmax(__global const float* in, __global float* out, uint columns) {
  __local float scratch[GROUP];
  const uint lid = get_local_id(0);
  __global const float* x = in + get_group_id(0) * columns;
  __global float* y = out + get_group_id(0) * columns;

  float largest = -INFINITY;
  for (uint i = lid; i < columns; i += GROUP) largest = fmax(largest, x[i]);
  largest = group_max(largest, scratch);
  float sum = 0.0f;
  for (uint i = lid; i < columns; i += GROUP) {
    const float e = exp(x[i] - largest);
    y[i] = e;
    sum += e;
  }
  sum = group_sum(sum, scratch);
  const float scale = 1.0f / sum;
  for (uint i = lid; i < columns; i += GROUP) y[i] *= scale;
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void layernorm(__global const float* in, __global const float* weight, __global const float* bias,
               __global float* out, uint columns) {
  __local float scratch[GROUP];
  const uint lid = get_local_id(0);
  __global const float* x = in + get_group_id(0) * columns;
  __global float* y = out + get_group_id(0) * columns;

  float sum = 0.0f;
  for (uint i = lid; i < columns; i += GROUP) sum += x[i];
  const float mean = group_sum(sum, scratch) / columns;
  float squares = 0.0f;
  for (uint i = lid; i < columns; i += GROUP) {
    const float d = x[i] - mean;
    squares += d * d;
  }
  const float scale = rsqrt(group_sum(squares, scratch) / columns + 1e-5f);
  for (uint i = lid; i < columns; i += GROUP) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}
