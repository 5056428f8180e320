Every number that steers the sampler is a finite plain decimal within its bounds, and refused by its name.

  $ for value in nan inf -inf 1e400 -0.5 101 0x1 0,8 warm ''; do isobar sample run --temperature "$value"; done
  $ for value in -1 nan 0x10 1.5 99999999999999999999; do isobar sample run --top-k "$value"; done
  $ for value in 0 -5 nan inf 2147483648; do isobar sample run --tokens "$value"; done
  $ isobar sample run --seed -1
  $ isobar sample run --seed 9223372036854775807
