Two processes on one run are kept apart.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 2 --run-dir run > /dev/null
  $ echo "process 4711 on a-host, since yesterday" > run/lock
  $ flock run/lock isobar train --resume run --steps 4
  isobar: run: another process works on this run: process 4711 on a-host, since yesterday (wait for it, or end it)
  [2]
  $ isobar train --resume run --steps 4 > /dev/null
  isobar: run: the last session was killed (process 4711 on a-host, since yesterday)
  $ wc -c < run/lock
  0
