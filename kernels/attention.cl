// The softmax between attention's two products. Scores and probabilities of a head are stored as
// (keys, queries), T x T: lanes lie along the queries, so that a lane reduces over the keys alone,
// with loads of unit stride and no exchange between lanes. Key j is visible to query i if j <= i.
// The products themselves are batched matrix multiplies (gemm.cl).

// In place: probability[j][i] = softmax over j of scale * score[j][i], 0 for j > i. The keys before
// the group's first query are visible to all its lanes; only the 32 on the diagonal
// need a test, and diverge.
__kernel __attribute__((reqd_work_group_size(32, 1, 1))) void causal_softmax_forward(
    __global float* scores, uint offset, uint context, float scale) {
  const uint query = get_global_id(0);
  if (query >= context) return;
  const uint diagonal = get_group_id(0) * 32;
  const uint visible = min(context, diagonal + 32);  // to any lane of the group
  scores += offset + (size_t)get_group_id(1) * context * context + query;

  float largest = -INFINITY;
  __global float* at = scores;
  for (uint key = 0; key < diagonal; ++key, at += context) largest = fmax(largest, *at);
  for (uint key = diagonal; key < visible; ++key, at += context)
    largest = fmax(largest, key <= query ? *at : -INFINITY);
  float sum = 0.0f;
  at = scores;
  for (uint key = 0; key < diagonal; ++key, at += context) {
    const float e = exponential((*at - largest) * scale);
    *at = e;
    sum += e;
  }
  for (uint key = diagonal; key < visible; ++key, at += context) {
    const float e = key <= query ? exponential((*at - largest) * scale) : 0.0f;
    *at = e;
    sum += e;
  }
  const float norm = 1.0f / sum;
  at = scores;
  for (uint key = 0; key < visible; ++key, at += context) *at *= norm;
  for (uint key = visible; key < context; ++key, at += context) *at = 0.0f;
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
  __global const float* p = probabilities;
  __global float* at = gradient;
  for (uint key = 0; key < visible; ++key, p += context, at += context) sum = fma(*p, *at, sum);
  p = probabilities;
  at = gradient;
  for (uint key = 0; key < visible; ++key, p += context, at += context)
    *at = *p * (*at - sum) * scale;
  for (uint key = visible; key < context; ++key, at += context) *at = 0.0f;
}
