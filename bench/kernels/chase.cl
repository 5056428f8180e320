// A walk through memory in which each load's address is what the load before it brought: the time
// of a step is the latency of wherever the data are. Three kernels of one body, so that a profile
// tells the walks apart.
#define WALK(name)                                                            \
  kernel void name(global const ulong *next, ulong steps, global ulong *out) { \
    ulong at = 0;                                                             \
    for (ulong i = 0; i < steps; ++i) at = next[at];                          \
    *out = at;                                                                \
  }

WALK(chase_first)
WALK(chase_once)
WALK(chase_twice)
