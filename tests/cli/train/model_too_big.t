A model that memory does not hold is refused with both sizes, and leaves nothing behind.

  $ seq 1 2000 > text
  $ cat > big.toml <<'TOML'
  > name = "big"
  > [shape]
  > layers = 40
  > heads = 16
  > width = 2048
  > context = 128
  > [recipe]
  > batch = 4096
  > TOML
  $ isobar train --model big.toml --data text --steps 1
  isobar: the model does not fit: it takes * GB (* of weights, gradients and moments, * of activations* (glob)
  [2]

So is one whose vocabulary has no room for the text.

  $ cat > narrow.toml <<'TOML'
  > name = "narrow"
  > [shape]
  > layers = 1
  > heads = 1
  > width = 32
  > context = 8
  > vocabulary = 5
  > TOML
  $ isobar train --model narrow.toml --data text --steps 1
  isobar: */text: the text has 11 different tokens, but the model has room for 5 * (glob)
  [2]
  $ ls
  big.toml
  narrow.toml
  text
