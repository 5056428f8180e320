The text at the end has as many tokens as asked for; none are written if none are wanted.

  $ seq 1 2000 > text
  $ cat > tiny.toml <<'TOML'
  > name = "tiny"
  > [shape]
  > layers = 1
  > heads = 2
  > width = 32
  > context = 16
  > [recipe]
  > batch = 2
  > evaluate_batches = 1
  > TOML
  $ tiny() { isobar train --model tiny.toml --data text --steps 2 --fidelity functional "$@"; }
  $ tiny --run-dir with --sample-tokens 40 | grep 'A sample'
  A sample (40 tokens, temperature 0.8):
  $ wc -c < with/sample.txt
  40
  $ tiny --run-dir without --no-sample | grep 'A sample'
  [1]
  $ test -e without/summary.json && test ! -e without/sample.txt
  $ isobar train --no-sample --sample-tokens 3
  isobar*excludes* (glob)
  [2]
