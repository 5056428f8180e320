The tables as CSV, with the figures of the JSON; and narrow on a narrow terminal.

  $ /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || exit 80
  $ cat > program.py <<'EOF'
  > import pyopencl as cl
  > context = cl.create_some_context(interactive=False)
  > queue = cl.CommandQueue(context)
  > program = cl.Program(context, "kernel void twice(global float *x) { x[get_global_id(0)] *= 2; }").build()
  > program.twice(queue, (256,), (64,), cl.Buffer(context, cl.mem_flags.READ_WRITE, 1024))
  > queue.finish()
  > EOF
  $ isobar run --fidelity timed --csv counts.csv --json counts.json -- /usr/bin/python3 program.py 2> report
  $ /usr/bin/python3 - <<'EOF'
  > import csv, json
  > rows = list(csv.DictReader(open("counts.csv")))
  > print([r["table"] for r in rows])
  > kernel = rows[0]
  > print(kernel["kernel"], kernel["launches"], kernel["global_bytes"])
  > slots = next(r for r in rows if r["table"] == "issue slots")
  > causes = sum(int(v) for k, v in slots.items() if ": " in k and v)
  > print(causes == int(slots["issue_slots"]) > 0)
  > EOF
  ['kernels', 'thread instructions', 'issue slots', 'roofline', 'energy']
  twice 1 2048
  True
  $ isobar run --csv - -- true
  isobar: --csv -: standard output is the program's here (--csv FILE writes a file)
  [2]

A terminal of 60 columns; what goes to a file is not cut.

  $ cat > narrow.py <<'EOF'
  > import fcntl, os, pty, struct, subprocess, sys, termios
  > ours, theirs = pty.openpty()
  > fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
  > child = subprocess.Popen(["isobar", "run", "-q", "--fidelity", "functional", "--", "/usr/bin/python3", "program.py"], stderr=theirs)
  > os.close(theirs)
  > text = b""
  > try:
  >     while piece := os.read(ours, 65536):
  >         text += piece
  > except OSError:
  >     pass
  > child.wait()
  > tables = [l for l in text.decode().splitlines() if l.startswith("  kernel ") or l.startswith("  twice ")]
  > print(len(tables) >= 4, max(map(len, tables)) <= 60)
  > EOF
  $ env -u COLUMNS /usr/bin/python3 narrow.py
  True True
  $ grep -c '^  kernel  *launches.*share %' report
  1
