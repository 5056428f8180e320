// Dropout with Philox4x32-10 (Salmon et al., SC 2011): counter-based, so that nothing is stored and
// the backward pass makes the same bits again. Element i of a site takes word i mod 4 of the block
// with counter (i / 4, site, step low, step high) and key = seed; it is dropped if the word is below
// `threshold` = probability * 2^32, and scaled by 1 / (1 - probability) otherwise.

uint4 philox(uint4 counter, uint2 key) {
  for (uint round = 0; round < 10; ++round) {
    const uint high0 = mul_hi(0xD2511F53u, counter.x), low0 = 0xD2511F53u * counter.x;
    const uint high1 = mul_hi(0xCD9E8D57u, counter.z), low1 = 0xCD9E8D57u * counter.z;
    counter = (uint4)(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
    key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// out = dropout(in), four elements per work-item; in and out may be the same.
__kernel void dropout(__global const float* in, uint in_offset, __global float* out,
                      uint out_offset, uint count, uint threshold, float scale, uint site,
                      uint step_low, uint step_high, uint seed_low, uint seed_high) {
  const uint block = get_global_id(0);
  if (4 * block >= count) return;
  const uint4 words = philox((uint4)(block, site, step_low, step_high),
                             (uint2)(seed_low, seed_high));
  const uint word[4] = {words.x, words.y, words.z, words.w};
  in += in_offset;
  out += out_offset;
  for (uint w = 0; w < 4 && 4 * block + w < count; ++w) {
    const uint i = 4 * block + w;
    out[i] = word[w] < threshold ? 0.0f : in[i] * scale;
  }
}
