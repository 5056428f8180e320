Every number that steers a training run is a finite plain decimal within its bounds, and is
refused by its name.

  $ for value in nan NaN inf -inf 1e400 -0.1 10.5 0x1p-3 0,1 1e-3x ''; do isobar train --lr "$value"; done
  isobar* --lr: is "nan", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "NaN", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "inf", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "-inf", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "1e400", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "-0.1", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "10.5", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "0x1p-3", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "0,1", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "1e-3x", but must be a number from 0 to 10 (*) (glob)
  isobar* --lr: is "", but must be a number from 0 to 10 (*) (glob)
  [2]

  $ for value in nan inf 0 -1 1e30 5m; do isobar train --minutes "$value"; done
  isobar* --minutes: is "nan", but must be a positive number (at most 1e+18) (*) (glob)
  isobar* --minutes: is "inf", but must be a positive number (at most 1e+18) (*) (glob)
  isobar* --minutes: is "0", but must be a positive number (at most 1e+18) (*) (glob)
  isobar* --minutes: is "-1", but must be a positive number (at most 1e+18) (*) (glob)
  isobar* --minutes: is "1e30", but must be a positive number (at most 1e+18) (*) (glob)
  isobar* --minutes: is "5m", but must be a positive number (at most 1e+18) (*) (glob)
  [2]

  $ for value in 0 -1 1.5 1e3 0x10 010 +5 99999999999999999999 4294967297 five ''; do isobar train --steps "$value"; done
  isobar* --steps: is "0", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "-1", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "1.5", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "1e3", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "0x10", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "010", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "+5", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "99999999999999999999", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "4294967297", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "five", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --steps: is "", but must be a whole number from 1 to 1073741824 (*) (glob)
  [2]

  $ for value in 0 nan 1048577; do isobar train --batch "$value"; done
  isobar* --batch: is "0", but must be a whole number from 1 to 1048576 (*) (glob)
  isobar* --batch: is "nan", but must be a whole number from 1 to 1048576 (*) (glob)
  isobar* --batch: is "1048577", but must be a whole number from 1 to 1048576 (*) (glob)
  [2]

  $ for value in -1 4611686018427387905 1e3; do isobar train --seed "$value"; done
  isobar* --seed: is "-1", but must be a whole number from 0 to 4611686018427387904 (*) (glob)
  isobar* --seed: is "4611686018427387905", but must be a whole number from 0 to 4611686018427387904 (*) (glob)
  isobar* --seed: is "1e3", but must be a whole number from 0 to 4611686018427387904 (*) (glob)
  [2]

  $ for value in nan 0; do isobar train --evaluate-every "$value"; done
  isobar* --evaluate-every: is "nan", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --evaluate-every: is "0", but must be a whole number from 1 to 1073741824 (*) (glob)
  [2]

  $ for value in inf 0; do isobar train --checkpoint-every "$value"; done
  isobar* --checkpoint-every: is "inf", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --checkpoint-every: is "0", but must be a whole number from 1 to 1073741824 (*) (glob)
  [2]

  $ for value in 0 -3; do isobar train --sample-tokens "$value"; done
  isobar* --sample-tokens: is "0", but must be a whole number from 1 to 1073741824 (*) (glob)
  isobar* --sample-tokens: is "-3", but must be a whole number from 1 to 1073741824 (*) (glob)
  [2]

  $ for value in inf 0; do isobar train --trace-limit "$value"; done
  isobar* --trace-limit: is "inf", but must be a whole number from 1 to 1048576 (*) (glob)
  isobar* --trace-limit: is "0", but must be a whole number from 1 to 1048576 (*) (glob)
  [2]
