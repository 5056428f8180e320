Summary and ledger of a resumed run are those of the whole run, not of its last session.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 8 --run-dir whole > /dev/null
  $ tiny --steps 4 --run-dir parts > /dev/null
  $ isobar train --resume parts --steps 8 > /dev/null
  $ grep -E '"(tokens|device_seconds|steps)"' whole/summary.json > whole.txt; cat whole.txt
    "steps": 8,
    "tokens": 128,
    "device_seconds": * (glob)
  $ grep -E '"(tokens|device_seconds|steps)"' parts/summary.json | diff - whole.txt
