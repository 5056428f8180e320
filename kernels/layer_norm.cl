// Layer norm over the channels of each row, (rows, width): y = (x - mean) / deviation * weight + bias,
// with the biased variance as in Ba et al. 2016. A work-group of 32 owns a row.

__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void layer_norm_forward(
    __global const float* x, uint x_offset, __global const float* weight, uint weight_offset,
    __global const float* bias, uint bias_offset, uint has_bias,
    __global float* y, uint y_offset, __global float* statistics, uint statistics_offset,
    uint width, float epsilon) {
  __local float scratch[32];
  const uint row = get_group_id(0), lane = get_local_id(0);
  x += x_offset + (size_t)row * width;
  y += y_offset + (size_t)row * width;
  weight += weight_offset;
  bias += bias_offset;

  float sum = 0.0f;
  for (uint c = lane; c < width; c += 32) sum += x[c];
  const float mean = group_sum(sum, scratch) / (float)width;
  float squares = 0.0f;
  for (uint c = lane; c < width; c += 32) {
    const float centred = x[c] - mean;
    squares = fma(centred, centred, squares);
  }
  const float variance = group_sum(squares, scratch) / (float)width;
  const float scale = 1.0f / sqrt(variance + epsilon);
  if (has_bias) {
    for (uint c = lane; c < width; c += 32)
      y[c] = fma((x[c] - mean) * scale, weight[c], bias[c]);
  } else {
    for (uint c = lane; c < width; c += 32) y[c] = (x[c] - mean) * scale * weight[c];
  }
  if (lane == 0) {  // for the backward pass: (rows, 2)
    statistics[statistics_offset + 2 * row] = mean;
    statistics[statistics_offset + 2 * row + 1] = scale;
  }
}

// d_x (+)= scale (n - mean(n) - z mean(n z)) with n = d_y weight and z the normalised row.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void layer_norm_backward(
    __global const float* d_y, uint d_y_offset, __global const float* x, uint x_offset,
    __global const float* statistics, uint statistics_offset,
    __global const float* weight, uint weight_offset, __global float* d_x, uint d_x_offset,
    uint width, uint accumulate) {
  __local float scratch[32];
  const uint row = get_group_id(0), lane = get_local_id(0);
  d_y += d_y_offset + (size_t)row * width;
  x += x_offset + (size_t)row * width;
  d_x += d_x_offset + (size_t)row * width;
  weight += weight_offset;
  const float mean = statistics[statistics_offset + 2 * row];
  const float scale = statistics[statistics_offset + 2 * row + 1];

  float sum = 0.0f, product = 0.0f;
  for (uint c = lane; c < width; c += 32) {
    const float n = d_y[c] * weight[c];
    sum += n;
    product = fma(n, (x[c] - mean) * scale, product);
  }
  const float mean_n = group_sum(sum, scratch) / (float)width;
  const float mean_product = group_sum(product, scratch) / (float)width;
  for (uint c = lane; c < width; c += 32) {
    const float z = (x[c] - mean) * scale;
    const float gradient = (d_y[c] * weight[c] - mean_n - z * mean_product) * scale;
    d_x[c] = accumulate ? d_x[c] + gradient : gradient;
  }
}

// Sums over a chunk of rows, one row of partial sums per chunk (column_sum adds them up):
// d_weight = sum d_y z, d_bias = sum d_y. Lanes lie along the channels.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void layer_norm_backward_parameters(
    __global const float* d_y, uint d_y_offset, __global const float* x, uint x_offset,
    __global const float* statistics, uint statistics_offset,
    __global float* partial_weight, uint partial_weight_offset,
    uint rows, uint width, uint chunk) {
  const uint c = get_global_id(0);
  if (c >= width) return;
  const uint first = get_group_id(1) * chunk, last = min(rows, first + chunk);
  d_y += d_y_offset + c;
  x += x_offset + c;
  statistics += statistics_offset;
  float d_weight = 0.0f;
  for (uint row = first; row < last; ++row) {
    const float z = (x[(size_t)row * width] - statistics[2 * row]) * statistics[2 * row + 1];
    d_weight = fma(d_y[(size_t)row * width], z, d_weight);
  }
  partial_weight[partial_weight_offset + get_group_id(1) * width + c] = d_weight;
}
