Every number that steers a training run is a finite plain decimal within its bounds, and refused by its name.

  $ for value in nan NaN inf -inf 1e400 -0.1 10.5 0x1p-3 0,1 1e-3x ''; do isobar train --lr "$value"; done
  isobar: --lr: is "nan", but must be a number from 0 to 10 (--help lists the options)
  $ for value in nan inf 0 -1 1e30 5m; do isobar train --minutes "$value"; done
  $ for value in 0 -1 1.5 1e3 0x10 010 +5 99999999999999999999 4294967297 five ''; do isobar train --steps "$value"; done
  $ isobar train --batch 0
  $ isobar train --seed -1
  $ isobar train --evaluate-every nan
  $ isobar train --checkpoint-every 0
  $ isobar train --sample-tokens 0
  $ isobar train --trace-limit inf
