How much a run says of itself: with --quiet its results alone; with --verbose the settings, the
device, the cache of compiled kernels, and each file, checkpoints too.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 4 --run-dir quiet --sample-tokens 9 --quiet 2> notes | grep -cE '^(Training|step)'; cat notes
  0
  $ isobar train --resume quiet --steps 6 --verbose --no-sample > text 2> notes
  $ grep -oE '(read|wrote|appending to) quiet/[a-z]+[^ ]*' notes | sort -u
  appending to quiet/metrics.jsonl
  read quiet/checkpoints/best
  read quiet/checkpoints/latest
  read quiet/checkpoints/step-4.safetensors
  read quiet/config.toml
  read quiet/metrics.jsonl
  wrote quiet/checkpoints/best
  wrote quiet/checkpoints/config.toml
  wrote quiet/checkpoints/latest
  wrote quiet/checkpoints/step-6.safetensors
  wrote quiet/config.toml
  wrote quiet/ledger.json
  wrote quiet/summary.json
  $ grep -oE 'settings as resolved: tiny of 6 steps, batch 2|chip isobar-nano from|device Isobar/isobar-nano|simulating on [0-9]+ host threads' notes | sed 's/on [0-9]*/on N/' | sort -u
  chip isobar-nano from
  device Isobar/isobar-nano
  settings as resolved: tiny of 6 steps, batch 2
  simulating on N host threads
  $ isobar sample quiet --tokens 9 --quiet 2>&1 > sample | wc -c
  0
  $ isobar sample quiet --tokens 9 --verbose 2> notes | cmp - sample; grep -m1 -o 'its binary is in the cache' notes
  its binary is in the cache
