Standard output that cannot be written is an error of its own, not a defect; a closed pipe ends quietly.

  $ test -c /dev/full || exit 80
  $ isobar info chip isobar-1 > /dev/full
  isobar: standard output: cannot be written: No space left on device
  [2]
  $ isobar info chip isobar-1 >&-
  isobar: standard output: cannot be written: Bad file descriptor
  [2]
  $ isobar info chip isobar-1 --json | head -c 1
  { (no-eol)
