"""Starts `isobar run` with the arguments behind the first, sends it alone the signal that the first
names once the program has printed "ready", and says what came of the program, of the process whose
number it left in the file "pid", and of the temporary folder."""
import os
import pathlib
import signal
import subprocess
import sys
import time

tmp = pathlib.Path("tmp")
tmp.mkdir(exist_ok=True)
run = subprocess.Popen(["isobar", "run", *sys.argv[2:]], stdout=subprocess.PIPE, text=True,
                       env=dict(os.environ, TMPDIR=str(tmp.resolve())))
for line in run.stdout:
    if line.strip() == "ready":
        break
run.send_signal(getattr(signal, sys.argv[1]))
sys.stdout.write(run.stdout.read())
print("exit code", run.wait())
sys.stdout.flush()
pid = pathlib.Path("pid")


def runs():
    """A process that has ended stays until its parent asks about it: that is not running."""
    try:
        state = pathlib.Path(f"/proc/{pid.read_text().strip()}/stat").read_text().rsplit(")")[-1]
        return state.split()[0] not in "ZX"
    except OSError:
        return False


if pid.exists():
    until = time.monotonic() + 20  # a busy machine takes its time to end what the kernel signalled
    while runs() and time.monotonic() < until:
        time.sleep(0.05)
    print("still running" if runs() else "gone")
print("left behind:", [each.name for each in tmp.iterdir() if each.name.startswith("isobar-run")])
