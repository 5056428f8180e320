// AdamW with decoupled weight decay (Loshchilov & Hutter 2019) and clipping of the gradient's global
// norm. The norm is summed in two stages of fixed order; the clipping factor never leaves the device.

// partial[group] = the sum of squares of every groups-th stretch of 32 elements
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void sum_of_squares(
    __global const float* values, uint offset, uint count, __global float* partial,
    uint partial_offset) {
  __local float scratch[32];
  values += offset;
  float sum = 0.0f;
  for (uint i = get_global_id(0); i < count; i += get_global_size(0))
    sum = fma(values[i], values[i], sum);
  sum = group_sum(sum, scratch);
  if (get_local_id(0) == 0) partial[partial_offset + get_group_id(0)] = sum;
}

// results[0] = the norm; results[1] = the factor for the gradient, at most 1. The 1e-6 is that of
// PyTorch's clip_grad_norm_, so that both make the same step. clip == 0 means no clipping.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void clip_factor(
    __global const float* partial, uint partial_offset, uint count, float clip,
    __global float* results, uint results_offset) {
  __local float scratch[32];
  float sum = 0.0f;
  for (uint i = get_local_id(0); i < count; i += 32) sum += partial[partial_offset + i];
  const float norm = sqrt(group_sum(sum, scratch));
  if (get_local_id(0) == 0) {
    results[results_offset] = norm;
    results[results_offset + 1] = clip > 0.0f ? fmin(1.0f, clip / (norm + 1e-6f)) : 1.0f;
  }
}

// One step for elements offset to offset + count of the four buffers.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void adamw(
    __global float* weights, __global const float* gradients, __global float* moment1,
    __global float* moment2, __global const float* factor, uint factor_offset, uint offset,
    uint count, float beta1, float beta2, float epsilon,
    float shrink,          // 1 - learning rate * weight decay
    float step_size,       // learning rate / (1 - beta1^t)
    float inverse_root) {  // 1 / sqrt(1 - beta2^t)
  const float clip = factor[factor_offset];
  weights += offset;
  gradients += offset;
  moment1 += offset;
  moment2 += offset;
  FOR_EACH_ELEMENT(i, count) {
    const float g = gradients[i] * clip;
    const float m = fma(beta1, moment1[i], (1.0f - beta1) * g);
    const float v = fma(beta2, moment2[i], (1.0f - beta2) * g * g);
    moment1[i] = m;
    moment2[i] = v;
    weights[i] = fma(-step_size, m / fma(sqrt(v), inverse_root, epsilon), weights[i] * shrink);
  }
}
