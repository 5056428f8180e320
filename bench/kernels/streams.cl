// vecadd and saxpy: one work-item per element.
__kernel void vecadd(__global const float* a, __global const float* b, __global float* c, uint n) {
  const size_t i = get_global_id(0);
  if (i < n) c[i] = a[i] + b[i];
}

__kernel void saxpy(float a, __global const float* x, __global float* y, uint n) {
  const size_t i = get_global_id(0);
  if (i < n) y[i] = a * x[i] + y[i];
}
