The report: what warps asked for and what DRAM moved are two columns, the second the roofline's; a
host clock is not the chip's; the longest name does not push the numbers away.

  $ /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || exit 80
  $ cat > program.py <<'EOF'
  > import numpy as np, pyopencl as cl
  > context = cl.create_some_context(interactive=False)
  > queue = cl.CommandQueue(context)
  > name = "k" * 3001
  > program = cl.Program(context, """
  > kernel void again(global float *x) { for (int i = 0; i < 64; i++) x[get_global_id(0)] += x[i]; }
  > kernel void %s(global float *x) { x[get_global_id(0)] *= 2; }""" % name).build()
  > buffer = cl.Buffer(context, cl.mem_flags.READ_WRITE, 4096)
  > program.again(queue, (256,), (64,), buffer)
  > getattr(program, name)(queue, (256,), (64,), buffer)
  > queue.finish()
  > EOF
  $ export XDG_CACHE_HOME=$PWD/cache
  $ isobar run --fidelity timed --profile --json counts.json -- /usr/bin/python3 program.py 2> report
  $ grep -E '^  kernel +launches' report
    kernel +launches  thread instr  SIMD %  global B  sectors B  DRAM B  local B  private B  time ms  share % (re)
  $ grep -c 'The program.s own clocks show this host.s time' report
  1
  $ /usr/bin/python3 - <<'EOF'
  > lines = open("report").read().splitlines()
  > print(max(map(len, lines)) < 250, "lines of a sensible width")
  > main = next(l for l in lines if l.startswith("  again ")).split()
  > roofline = next(i for i, l in enumerate(lines) if l.startswith("roofline ("))
  > point = next(l for l in lines[roofline:] if l.startswith("  again ")).split()
  > print(main[6] == point[2], "DRAM B is the roofline's")
  > import json
  > print(max(len(k["kernel"]) for k in json.load(open("counts.json"))["kernels"]))
  > EOF
  True lines of a sensible width
  True DRAM B is the roofline's
  3001

PyOpenCL keeps the binary of a program: it shows its lines when it comes back, too.

  $ isobar run --fidelity timed --profile -- /usr/bin/python3 program.py 2>&1 | grep -c 'x\[get_global_id(0)\] += x\[i\]'
  1
