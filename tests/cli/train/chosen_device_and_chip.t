A run's device, chip, name and convention are chosen, kept by a resumed run, and used for its samples.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 2 --device isobar --chip isobar-1 --name mine --mfu full --json > summary 2> progress
  $ ls -d runs/*
  runs/mine-1
  $ python3 -c 'import json; s = json.loads(open("summary").read().splitlines()[-1]); print(s["device"], s["mfu_attention"], s["run"])'
  Isobar/isobar-1 full runs/mine-1
  $ isobar sample runs/mine-1 --tokens 5 | wc -c
  6
  $ isobar sample runs/mine-1 --tokens 5 --device isobar --chip isobar-nano | cmp - <(isobar sample runs/mine-1 --tokens 5)
  $ isobar sample runs/mine-1/checkpoints/step-2.safetensors --tokens 5 --top-k 1 | cmp - <(isobar sample runs/mine-1 --tokens 5 --temperature 0)

What is not there is answered with what is.

  $ tiny --steps 2 --device abacus 2>&1 | head -1
  isobar: no OpenCL device is called "abacus"; * (glob)
  $ tiny --steps 2 --chip abacus
  isobar: no chip is called "abacus"* (glob)
  [2]
  $ isobar sample absent
  isobar: absent* (glob)
  [2]
