// Kernels that differ in nothing but how they use memory: for sampled against timed fidelity. One
// work-item an element, work-groups of 64 unless said.

__kernel void scale(__global float* a) { a[get_global_id(0)] *= 1.5f; }

__kernel void copy(__global const float* a, __global float* b) {
  b[get_global_id(0)] = a[get_global_id(0)];
}

__kernel void add(__global const float* a, __global const float* b, __global float* c) {
  const size_t i = get_global_id(0);
  c[i] = a[i] + b[i];
}

// Reads anywhere. The index is worked out, so that only the table has a place in the caches.
uint mix(uint i) {
  i ^= i >> 16;
  i *= 0x7feb352dU;
  i ^= i >> 15;
  i *= 0x846ca68bU;
  return i ^ (i >> 16);
}
__kernel void gather(__global const float* table, __global float* out, uint mask) {
  const uint i = get_global_id(0);
  out[i] = table[mix(i) & mask];
}
__kernel void scatter(__global const float* in, __global float* out, uint mask) {
  const uint i = get_global_id(0);
  out[mix(i) & mask] = in[i];
}

// Five points of a grid whose rows are `width` long.
__kernel void stencil(__global const float* in, __global float* out, uint width) {
  const uint i = get_global_id(0), n = get_global_size(0);
  const uint up = i >= width ? i - width : i, down = i + width < n ? i + width : i;
  out[i] = 0.2f * (in[i] + in[up] + in[down] + in[max(i, 1U) - 1] + in[min(i + 1, n - 1)]);
}

__kernel void transpose(__global const float* in, __global float* out, uint width) {
  const uint i = get_global_id(0), height = get_global_size(0) / width;
  out[i % width * height + i / width] = in[i];
}

__kernel void sum_groups(__global const float* in, __global float* out, __local float* scratch) {
  const uint lid = get_local_id(0);
  scratch[lid] = in[get_global_id(0)];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint half_size = get_local_size(0) / 2; half_size > 0; half_size /= 2) {
    if (lid < half_size) scratch[lid] += scratch[lid + half_size];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (lid == 0) out[get_group_id(0)] = scratch[0];
}

// Every `stride`-th element: as many sectors as work-items.
__kernel void strided(__global const float* in, __global float* out, uint stride, uint mask) {
  const uint i = get_global_id(0);
  out[i] = in[i * stride & mask];
}

__kernel void histogram(__global const float* in, __global uint* bins, uint mask) {
  const uint i = get_global_id(0);
  atomic_inc(&bins[(mix(i) + (uint)in[i]) & mask]);
}

// A work-item walks a row of its own: neighbours are a row apart.
__kernel void rows(__global const float* in, __global float* out, uint length) {
  const uint i = get_global_id(0);
  float sum = 0;
  for (uint k = 0; k < length; ++k) sum += in[i * length + k];
  out[i] = sum;
}

// Each work-group reads its piece of the buffer again and again.
__kernel void again(__global const float* in, __global float* out, uint piece, uint times) {
  __global const float* mine = in + get_group_id(0) * piece;
  float sum = 0;
  for (uint t = 0; t < times; ++t)
    for (uint k = get_local_id(0); k < piece; k += get_local_size(0)) sum += mine[k];
  out[get_global_id(0)] = sum;
}

// Each work-group reads all of a table.
__kernel void look_up_all(__global const float* table, __global float* out, uint size) {
  float sum = 0;
  for (uint k = get_local_id(0); k < size; k += get_local_size(0)) sum += table[k];
  out[get_global_id(0)] = sum;
}

// Product of square matrices, an element each, nothing in local memory.
__kernel void multiply(__global const float* a, __global const float* b, __global float* c,
                       uint side) {
  const uint i = get_global_id(0), row = i / side, column = i % side;
  float sum = 0;
  for (uint k = 0; k < side; ++k) sum += a[row * side + k] * b[k * side + column];
  c[i] = sum;
}

// Arithmetic on what is read: bound by it, not by memory.
__kernel void polynomial(__global const float* in, __global float* out) {
  const float x = in[get_global_id(0)];
  float y = 1;
  for (int k = 0; k < 64; ++k) y = y * x + 0.5f;
  out[get_global_id(0)] = y;
}

// A private array that does not fit in registers.
__kernel void spill(__global const float* in, __global float* out) {
  const uint i = get_global_id(0);
  float values[24];
  for (uint k = 0; k < 24; ++k) values[k] = in[i] * k;
  float sum = 0;
  for (uint k = 0; k < 24; ++k) sum += values[(i * 7 + k * 5) % 24];
  out[i] = sum;
}
