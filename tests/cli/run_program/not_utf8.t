Paths and names may be any bytes. JSON shows what is not UTF-8 as U+FFFD.

  $ name=$(printf 'no\xff')
  $ isobar run -- "./$name" 2>&1 | cat -v
  isobar: cannot run ./noM-^?: No such file or directory
  $ isobar plan --sweep --model "$name" --chip h100 --chips 8 > output 2>&1
  $ grep -c 'internal error' output
  0
  [1]
  $ seq 1 4000 > text
  $ isobar train --data text --steps 1 --fidelity functional --run-dir "$name" --json > summary 2> progress
  $ /usr/bin/python3 -c 'import json; json.loads(open("summary").read().splitlines()[-1])'
  $ isobar train --resume "$name" --steps 2 --fidelity functional > output 2>&1
  $ grep -E 'isobar: ' output
  [1]
