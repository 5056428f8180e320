A run that was killed behind its last step gets its results by --resume; one that has them is done.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 4 --run-dir run > /dev/null
  $ isobar train --resume run
  isobar: run: has done 4 steps, all that its config.toml asks for (--steps 8 trains on)
  [2]
  $ mkdir before; cp run/* before 2> /dev/null; rm run/summary.json run/ledger.json run/sample.txt
  $ isobar train --resume run > /dev/null
  isobar: run/summary.json: it is missing; the results are written anew
  $ cmp run/ledger.json before/ledger.json; cmp run/sample.txt before/sample.txt
  $ host='"(seconds|tokens_per_s|model_gflops|checksum)"'
  $ diff <(grep -vE "$host" run/summary.json) <(grep -vE "$host" before/summary.json)

Damaged results are written anew, too.

  $ sed -i 's/attributed/attribute/' run/ledger.json
  $ isobar train --resume run > /dev/null
  isobar: run/ledger.json: it is damaged (its checksum differs); the results are written anew
  $ cmp run/ledger.json before/ledger.json
