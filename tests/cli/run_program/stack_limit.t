A stack that is too small for most programs is named before one is started.

  $ (ulimit -s 64; isobar run -- true)
  isobar: a stack may have 64 KiB only, which ends most programs in a signal (raise `ulimit -s` to 256 or more)
  [2]
