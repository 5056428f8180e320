// Token plus position embedding. A work-group of 32 owns a row; its lanes lie along the channels.

// out[i] = wte[tokens[i]] + wpe[i mod context], (tokens, width)
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void embedding_forward(
    __global const int* tokens, uint tokens_offset, __global const float* wte, uint wte_offset,
    __global const float* wpe, uint wpe_offset, __global float* out, uint out_offset,
    uint width, uint context) {
  const uint i = get_group_id(0);
  wte += wte_offset + (size_t)tokens[tokens_offset + i] * width;
  wpe += wpe_offset + (size_t)(i % context) * width;
  out += out_offset + (size_t)i * width;
  for (uint c = get_local_id(0); c < width; c += 32) out[c] = wte[c] + wpe[c];
}

// d_wte[token] += the sum of d_out over the places where the token stands. Group g has the token
// tokens[g] and its places order[starts[g]] .. order[starts[g + 1]], listed in ascending order by the
// host, so that the sum has one order and needs no atomics.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void embedding_backward_tokens(
    __global const int* tokens, uint tokens_offset, __global const int* starts, uint starts_offset,
    __global const int* order, uint order_offset, __global const float* d_out, uint d_out_offset,
    __global float* d_wte, uint d_wte_offset, uint width) {
  const uint g = get_group_id(0);
  const int first = starts[starts_offset + g], last = starts[starts_offset + g + 1];
  d_wte += d_wte_offset + (size_t)tokens[tokens_offset + g] * width;
  order += order_offset;
  d_out += d_out_offset;
  for (uint c = get_local_id(0); c < width; c += 32) {
    float sum = d_wte[c];
    for (int i = first; i < last; ++i) sum += d_out[(size_t)order[i] * width + c];
    d_wte[c] = sum;
  }
}

// d_wpe[t] = the sum of d_out[b][t] over the batch
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void embedding_backward_positions(
    __global const float* d_out, uint d_out_offset, __global float* d_wpe, uint d_wpe_offset,
    uint width, uint context, uint batch) {
  const uint t = get_group_id(0);
  d_out += d_out_offset + (size_t)t * width;
  d_wpe += d_wpe_offset + (size_t)t * width;
  const size_t sequence = (size_t)context * width;
  for (uint c = get_local_id(0); c < width; c += 32) {
    float sum = 0.0f;
    for (uint b = 0; b < batch; ++b) sum += d_out[b * sequence + c];
    d_wpe[c] = sum;
  }
}
