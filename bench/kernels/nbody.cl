// One step of all-pairs gravity; x, y, z and mass in a float4. Tiles of bodies in local memory.
__kernel void nbody(__global const float4* position, __global float4* acceleration, uint n,
                    __local float4* tile) {
  const uint lid = get_local_id(0), size = get_local_size(0);
  const float4 own = position[get_global_id(0)];
  float ax = 0.0f, ay = 0.0f, az = 0.0f;
  for (uint start = 0; start < n; start += size) {
    tile[lid] = position[start + lid];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint j = 0; j < size; ++j) {
      const float dx = tile[j].x - own.x, dy = tile[j].y - own.y, dz = tile[j].z - own.z;
      const float r = rsqrt(dx * dx + dy * dy + dz * dz + 0.01f);
      const float f = tile[j].w * r * r * r;
      ax += f * dx;
      ay += f * dy;
      az += f * dz;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  acceleration[get_global_id(0)] = (float4)(ax, ay, az, 0.0f);
}
