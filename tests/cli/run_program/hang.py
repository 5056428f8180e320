"""A kernel that ends, then one that does not."""
import numpy as np
import pyopencl as cl

context = cl.create_some_context(interactive=False)
queue = cl.CommandQueue(context)
program = cl.Program(context, """
kernel void fill(global int *x) { x[get_global_id(0)] = 7; }
kernel void spin(global volatile int *x) {
  while (x[0] == 7) x[1]++;
}
""").build()
buffer = cl.Buffer(context, cl.mem_flags.READ_WRITE, 4 * 64)
program.fill(queue, (64,), (64,), buffer)
program.spin(queue, (64,), (64,), buffer)
print("ready", flush=True)
queue.finish()
print("not reached")
