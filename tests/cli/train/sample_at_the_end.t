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
  > steps = 2
  > evaluate_batches = 1
  > TOML
  $ isobar train --model tiny.toml --data text --run-dir with --sample-tokens 40 --fidelity functional | grep -A1 'A sample'
  $ wc -c < with/sample.txt
  $ isobar train --model tiny.toml --data text --run-dir without --no-sample --fidelity functional | grep -i sample
  $ ls without
  $ isobar train --no-sample --sample-tokens 3
