Every number that steers the sampler is a finite plain decimal within its bounds, and is refused
by its name.

  $ for value in nan inf -inf 1e400 -0.5 101 0x1 0,8 warm ''; do isobar sample run --temperature "$value"; done
  isobar* --temperature: is "nan", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "inf", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "-inf", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "1e400", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "-0.5", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "101", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "0x1", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "0,8", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "warm", but must be a number from 0 to 100 (*) (glob)
  isobar* --temperature: is "", but must be a number from 0 to 100 (*) (glob)
  [2]

  $ for value in -1 nan 0x10 1.5 99999999999999999999; do isobar sample run --top-k "$value"; done
  isobar* --top-k: is "-1", but must be a whole number from 0 to 1073741824 (*) (glob)
  isobar* --top-k: is "nan", but must be a whole number from 0 to 1073741824 (*) (glob)
  isobar* --top-k: is "0x10", but must be a whole number from 0 to 1073741824 (*) (glob)
  isobar* --top-k: is "1.5", but must be a whole number from 0 to 1073741824 (*) (glob)
  isobar* --top-k: is "99999999999999999999", but must be a whole number from 0 to 1073741824 (*) (glob)
  [2]

  $ for value in 0 -5 nan inf 2147483648; do isobar sample run --tokens "$value"; done
  isobar* --tokens: is "0", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --tokens: is "-5", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --tokens: is "nan", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --tokens: is "inf", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --tokens: is "2147483648", but must be a whole number from 1 to 1073741824 (*) (glob)
  [2]

  $ for value in -1 9223372036854775807; do isobar sample run --seed "$value"; done
  isobar* --seed: is "-1", but must be a whole number from 0 to 4611686018427387904 (*) (glob)
  isobar* --seed: is "9223372036854775807", but must be a whole number from 0 to 4611686018427387904 (*) (glob)
  [2]
