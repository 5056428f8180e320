// Softmax and cross-entropy in one: the loss of each row and the gradient of the mean loss, which
// replaces the logits. A work-group of 32 owns a row; its lanes lie along the vocabulary. Columns from
// `vocabulary` to `padded` hold no token and get gradient 0.

__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void cross_entropy(
    __global float* logits, uint offset, __global const int* targets, uint targets_offset,
    __global float* losses, uint losses_offset, uint vocabulary, uint padded, float gradient_scale) {  // 1 / rows
  __local float scratch[32];
  const uint row = get_group_id(0), lane = get_local_id(0);
  logits += offset + (size_t)row * padded;

  float largest = -INFINITY;
  for (uint v = lane; v < vocabulary; v += 32) largest = fmax(largest, logits[v]);
  largest = group_max(largest, scratch);
  const uint target = (uint)targets[targets_offset + row];
  const float target_logit = logits[target];
  float sum = 0.0f;
  for (uint v = lane; v < vocabulary; v += 32) {
    const float e = exponential(logits[v] - largest);
    sum += e;
  }
  sum = group_sum(sum, scratch);  // also: every lane has read target_logit by now
  const float scale = gradient_scale / sum;
  for (uint v = lane; v < vocabulary; v += 32)
    logits[v] = exponential(logits[v] - largest) * scale;
  if (lane == target % 32) logits[target] -= gradient_scale;
  for (uint v = vocabulary + lane; v < padded; v += 32) logits[v] = 0.0f;
  if (lane == 0) losses[losses_offset + row] = log(sum) + (largest - target_logit);
}

// results[results_offset] = the mean of the losses, added up in a fixed order by one work-group.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void mean_loss(
    __global const float* losses, uint losses_offset, __global float* results,
    uint results_offset, uint rows) {
  __local float scratch[32];
  float sum = 0.0f;
  for (uint row = get_local_id(0); row < rows; row += 32) sum += losses[losses_offset + row];
  sum = group_sum(sum, scratch);
  if (get_local_id(0) == 0) results[results_offset] = sum / (float)rows;
}
