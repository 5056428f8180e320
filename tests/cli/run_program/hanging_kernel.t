A launch has a limit, which can be lifted; what ran is shown.

  $ /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || exit 80
  $ export PYOPENCL_NO_CACHE=1
  $ isobar run --time-limit 1 -- /usr/bin/python3 "$TESTDIR/hang.py" > output 2>&1
  [3]
  $ grep -E 'isobar: |remedy|source|^  (fill|spin) ' output | head -n 5
  isobar: kernel spin: time limit reached after [1-9].[0-9] s (re)
    source:    kernel.cl:4  while (x[0] == 7) x[1]++;
    remedy:    the kernel may never end; --time-limit SECONDS sets how long it may run on this host (0: as long as it takes)
    fill .* (re)
    spin .* (re)

So has a work-group, of instructions, if one is named.

  $ isobar run --instruction-limit 100000 -- /usr/bin/python3 "$TESTDIR/hang.py" > output 2>&1
  [3]
  $ grep -E 'isobar: |remedy' output
  isobar: kernel spin: * (glob)
    remedy:    the kernel may never end; --instruction-limit sets how much it may run

Ctrl-C while it hangs: a program that waits in the driver cannot handle the signal (Python handles
it when the call returns), so the launch is ended. It says so, and what ran is shown.

  $ /usr/bin/python3 "$TESTDIR/send_signal.py" SIGINT -- /usr/bin/python3 "$TESTDIR/hang.py" > output 2>&1
  $ grep -E 'isobar: |^  (fill|spin) |not reached|left behind' output | awk '!seen[$1]++'
  isobar: kernel spin: interrupted; it had run for * s (glob)
    fill .* (re)
    spin .* (re)
  left behind: []

A program that dies of the signal at once leaves word of the launch that it was in.

  $ sed 's/^import numpy/import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n&/
  >      s/^queue.finish/import time; time.sleep(1.5); print("ready", flush=True)\n&/
  >      s/^print("ready".*//' "$TESTDIR/hang.py" > dies.py
  $ /usr/bin/python3 "$TESTDIR/send_signal.py" SIGINT -- /usr/bin/python3 dies.py > output 2>&1
  $ grep -E 'isobar run: |^  fill |exit code|left behind' output | awk '!seen[$1]++'
    fill .* (re)
  isobar run: kernel spin had run for * s and not ended when the program did (glob)
  exit code 130
  left behind: []
