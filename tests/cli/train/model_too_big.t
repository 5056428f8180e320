A model that the device's memory does not hold is refused with both sizes, and leaves nothing behind.

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
  $ ls
