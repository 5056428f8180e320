// Kernels for the overheads of the interface: nothing, and one store. SALT makes a source new.
#ifndef SALT
#define SALT 0
#endif
__kernel void nothing(__global uint* out) {}
__kernel void one(__global uint* out) { out[get_global_id(0)] = SALT; }
