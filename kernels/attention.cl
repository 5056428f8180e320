// The softmax between attention's two products. Scores and probabilities of a head are stored as
// (keys, queries), T x T: lanes lie along the queries, so that a lane reduces over the keys alone,
// with loads of unit stride and no exchange between lanes. Key j is visible to query i if j <= i.
// The products themselves are batched matrix multiplies (gemm.cl).

// In place: probability[j][i] = softmax over j of scale * score[j][i], 0 for j > i.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void causal_softmax_forward(
    __global float* scores, uint offset, uint context, float scale) {
  const uint query = get_global_id(0);
  if (query >= context) return;
  const uint visible = min(context, (uint)(get_group_id(0) + 1) * 32);  // to any lane of the group
  scores += offset + (size_t)get_group_id(1) * context * context + query;

  float largest = -INFINITY;
  for (uint key = 0; key < visible; ++key)
    largest = fmax(largest, key <= query ? scores[(size_t)key * context] : -INFINITY);
  float sum = 0.0f;
  for (uint key = 0; key < visible; ++key) {
    const float score = scores[(size_t)key * context];
    const float e = key <= query ? exponential((score - largest) * scale) : 0.0f;
    scores[(size_t)key * context] = e;
    sum += e;
  }
  const float norm = 1.0f / sum;
  for (uint key = 0; key < visible; ++key) scores[(size_t)key * context] *= norm;
  for (uint key = visible; key < context; ++key) scores[(size_t)key * context] = 0.0f;
}

// In place: d_score[j][i] = scale p[j][i] (d_p[j][i] - sum over j of p d_p).
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void causal_softmax_backward(
    __global const float* probabilities, uint offset, __global float* gradient,
    uint gradient_offset, uint context, float scale) {
  const uint query = get_global_id(0);
  if (query >= context) return;
  const uint visible = min(context, (uint)(get_group_id(0) + 1) * 32);
  const size_t head = (size_t)get_group_id(1) * context * context + query;
  probabilities += offset + head;
  gradient += gradient_offset + head;

  float sum = 0.0f;
  for (uint key = 0; key < visible; ++key)
    sum = fma(probabilities[(size_t)key * context], gradient[(size_t)key * context], sum);
  for (uint key = 0; key < visible; ++key) {
    const size_t at = (size_t)key * context;
    gradient[at] = probabilities[at] * (gradient[at] - sum) * scale;
  }
  for (uint key = visible; key < context; ++key) gradient[(size_t)key * context] = 0.0f;
}
