// Kernels whose results are whole numbers and so must be the same everywhere.
#define BINS 256

// Bytes of each word into 256 bins: atomics on local memory, then on global memory.
__kernel void histogram(__global const uint* data, __global uint* bins, uint n) {
  __local uint counts[BINS];
  for (uint i = get_local_id(0); i < BINS; i += get_local_size(0)) counts[i] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint i = get_global_id(0); i < n; i += get_global_size(0)) {
    const uint word = data[i];
    atomic_inc(&counts[word & 255]);
    atomic_inc(&counts[(word >> 8) & 255]);
    atomic_inc(&counts[(word >> 16) & 255]);
    atomic_inc(&counts[word >> 24]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint i = get_local_id(0); i < BINS; i += get_local_size(0)) atomic_add(&bins[i], counts[i]);
}

// Escape times. Contraction is off because the boundary is chaotic: one rounding more or less
// changes the count of a pixel by any amount.
__kernel void mandelbrot(__global uint* out, float step, uint most) {
#pragma OPENCL FP_CONTRACT OFF
  const uint px = get_global_id(0), py = get_global_id(1);
  const float cx = -2.0f + step * px, cy = -1.2f + step * py;
  float x = 0.0f, y = 0.0f;
  uint n = 0;
  while (n < most && x * x + y * y <= 4.0f) {
    const float next = x * x - y * y + cx;
    y = 2.0f * x * y + cy;
    x = next;
    ++n;
  }
  out[py * get_global_size(0) + px] = n;
}

// A loop whose branch goes another way in every lane and iteration.
__kernel void divergent(__global const uint* left, __global const uint* right, __global uint* out,
                        uint rounds) {
  uint state = get_global_id(0) * 2654435761u + 1u, sum = 0;
  for (uint i = 0; i < rounds; ++i) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    if (state & 0x10000u)
      sum += left[state & 255u];
    else
      sum ^= right[(state >> 8) & 255u] + i;
    sum = (sum << 7) | (sum >> 25);
  }
  out[get_global_id(0)] = sum;
}
