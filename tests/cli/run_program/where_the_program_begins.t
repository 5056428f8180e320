The first word that is no option of isobar run is the program, and what stands behind it is the
program's, with -- or without.

  $ isobar run printf '%s\n' -r 2
  -r
  2
  isobar run: the program launched no kernel
  $ isobar run --chip isobar-nano --fidelity=timed -- printf '%s\n' --chip=x
  --chip=x
  isobar run: the program launched no kernel

A word that both could mean is asked about.

  $ isobar run ./prog --help
  isobar*: --help stands behind the program ./prog* (glob)
  [2]
  $ isobar run ./prog -r 2 --json counts.json
  isobar*: --json stands behind the program ./prog*"isobar run -- ./prog -r 2 --json counts.json"* (glob)
  [2]
