A flipped bit of what a run goes on from is named, and the other copy taken.

  $ . "$TESTDIR/tiny_run.sh"
  $ flip() { python3 -c 'import sys; p, at = sys.argv[1], int(sys.argv[2]); b = bytearray(open(p, "rb").read()); b[at] ^= 4; open(p, "wb").write(b)' "$@"; }
  $ tiny --steps 6 --run-dir run > /dev/null; metrics run > before
  $ rm run/summary.json
  $ flip run/config.toml 20; flip run/checkpoints/latest 3
  $ flip run/checkpoints/step-6.safetensors 500; flip run/metrics.jsonl 15
  $ isobar train --resume run > /dev/null
  isobar: warning: run/config.toml: damaged: it is not what was written (its checksum differs; if you changed it on purpose, remove its last line, the checksum, and resume again)
  isobar: warning: taking the settings from run/checkpoints/config.toml
  isobar: warning: run/checkpoints/latest: damaged: it is not what was written (the checkpoints themselves say which is newest)
  isobar: warning: run/checkpoints/step-6.safetensors: * (glob)
  isobar: going on from run/checkpoints/step-4.safetensors instead
  isobar: warning: run/metrics.jsonl:1: damaged (the checksum differs): the steps 1 to 1 are missing from it
  $ metrics run | diff before -
  1d0
  < {"step":1,* (glob)
  [1]
  $ ls run/checkpoints
  best
  config.toml
  latest
  step-4.safetensors
  step-6.safetensors
  step-6.safetensors.damaged

Nothing is damaged any more, but a step is missing from the metrics.

  $ isobar train --resume run
  isobar: warning: run/metrics.jsonl: the steps 1 to 1 are missing from it
  isobar: run: has done 6 steps, all that its config.toml asks for (--steps 12 trains on)
  [2]

Metrics of a run that is done are looked at, too.

  $ tiny --steps 3 --run-dir done > /dev/null
  $ flip done/metrics.jsonl 15
  $ isobar train --resume done
  isobar: warning: done/metrics.jsonl:1: damaged (the checksum differs): the steps 1 to 1 are missing from it
  isobar: done: has done 3 steps, all that its config.toml asks for (--steps 6 trains on)
  [2]
