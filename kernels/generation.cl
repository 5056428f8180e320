// Attention of a few new rows over what earlier rows left behind, for writing text: keys and values
// of all positions stay on the device, so that one more token costs one row instead of the whole
// context. Sums run in the order of the full pass (gemm.cl, attention.cl) with the same roundings,
// so that both give the same bits.
//
// Keys are kept (channels, context): lanes that lie along the positions then load side by side.
// Values are kept (context, channels), where lanes lie along the channels.

// Keeps keys and values of the rows of qkv (rows, 3 width), which stand at `first` and after it. A
// work-group of 32 owns a row.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void keep_keys_and_values(
    __global const float* qkv, uint qkv_offset, __global float* keys, uint keys_offset,
    __global float* values, uint values_offset, uint first, uint width, uint context) {
  const uint row = get_group_id(0), position = first + row;
  qkv += qkv_offset + (size_t)row * 3 * width + width;
  keys += keys_offset + position;
  values += values_offset + (size_t)position * width;
  for (uint c = get_local_id(0); c < width; c += 32) {
    keys[(size_t)c * context] = qkv[c];
    values[c] = qkv[width + c];
  }
}

// out (rows, width) = attention of each new row's queries over the positions up to its own. A
// work-group of 32 owns a head (first dimension) of a row (second). `scores` is (rows, heads,
// context) of scratch.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void attend_to_kept(
    __global const float* qkv, uint qkv_offset, __global const float* keys, uint keys_offset,
    __global const float* values, uint values_offset, __global float* scores, uint scores_offset,
    __global float* out, uint out_offset, uint first, uint width, uint head_width, uint context,
    float scale) {
  __local float scratch[32];
  const uint head = get_group_id(0), row = get_group_id(1), lane = get_local_id(0);
  const uint visible = first + row + 1, channel = head * head_width;
  const size_t step = context;
  __global const float* query = qkv + qkv_offset + (size_t)row * 3 * width + channel;
  keys += keys_offset + channel * step;
  values += values_offset + channel;
  scores += scores_offset + ((size_t)row * get_num_groups(0) + head) * step;
  out += out_offset + (size_t)row * width + channel;

  // Lanes along the keys: score = key . query, and the largest.
  float largest = -INFINITY;
  for (uint key = lane; key < visible; key += 32) {
    __global const float* at = keys + key;
    float score = 0.0f;
    for (uint c = 0; c < head_width; ++c, at += step) score = fma(*at, query[c], score);
    scores[key] = score;
    largest = fmax(largest, score);
  }
  largest = group_max(largest, scratch);
  for (uint key = lane; key < visible; key += 32)
    scores[key] = exponential((scores[key] - largest) * scale);
  barrier(CLK_GLOBAL_MEM_FENCE);

  // Every lane adds up all of them, in the order of the keys.
  float sum = 0.0f;
  for (uint key = 0; key < visible; ++key) sum += scores[key];
  const float norm = 1.0f / sum;

  // Lanes along the channels: the sum over the keys of probability * value.
  for (uint c = lane; c < head_width; c += 32) {
    __global const float* value = values + c;
    float attended = 0.0f;
    for (uint key = 0; key < visible; ++key, value += width)
      attended = fma(scores[key] * norm, *value, attended);
    out[c] = attended;
  }
}
