A sample is a function of its seed, goes on beyond the model's context, and starts with its prompt.

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
  $ isobar train --model tiny.toml --data text --steps 2 --run-dir run --no-sample --fidelity functional > log
  $ isobar sample run --tokens 100 > first
  $ isobar sample run --tokens 100 > second
  $ isobar sample run --tokens 100 --seed 2 > third
  $ cmp first second
  $ cmp -s first third
  [1]
  $ wc -c < first
  101
  $ isobar sample run --tokens 3 --prompt 1999 > prompted
  $ head -c 4 prompted
  1999 (no-eol)

The prompt's letters have to be the model's.

  $ isobar sample run --prompt word
  isobar: --prompt: offset 0: the vocabulary of 11 characters has no "w" (U+0077)
  [2]

Greedy, the same seed or another gives the same text.

  $ isobar sample run --temperature 0 --tokens 50 > greedy
  $ isobar sample run --temperature 0 --tokens 50 --seed 9 | cmp - greedy
