A run that was killed before its first checkpoint begins again in its folder, with its settings, and
comes to the same end.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 4 --run-dir run > /dev/null
  $ metrics run > before; cp run/ledger.json run/sample.txt .
  $ rm run/checkpoints/{step-*,latest,best} run/*.json* run/sample.txt; echo "process 1" > run/lock
  $ isobar train --resume run > /dev/null
  isobar: run: the last session was killed (process 1)
  isobar: run: no checkpoint: beginning again at step 0
  $ metrics run | cmp - before && cmp run/ledger.json ledger.json && cmp run/sample.txt sample.txt

Killed even before its settings were written, it is started again by its own command.

  $ mkdir -p early/checkpoints; touch early/lock
  $ isobar train --resume early
  isobar: early: is not a run: it has no config.toml (one that was killed before its settings were written is started again with its own options and --run-dir early)
  [2]
  $ tiny --steps 1 --run-dir early > /dev/null; ls early
  checkpoints
  config.toml
  ledger.json
  lock
  metrics.jsonl
  sample.txt
  summary.json
