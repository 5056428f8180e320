A table's kernel may be one that a run has timed.

  $ isobar run --fidelity sampled --json run.json -- isobar bench simt --quick --only vecadd --pairs 1 --peer isobar > /dev/null 2>&1
  $ printf 'kernel,bytes,profiled\nstream,12582912,vecadd\n' > mine.csv
  $ plan() { isobar plan --model gpt2 --chip isobar-nano --chips 8 --batch 64 --no-ledger "$@"; }
  $ plan --kernels mine.csv --kernel-profile run.json | head -1
  gpt2 * on 8 isobar-nano * (glob)
  $ sed -i 's/vecadd/vecsub/' mine.csv
  $ plan --kernels mine.csv --kernel-profile run.json
  isobar: mine.csv:2: *vecsub* (glob)
  [2]
  $ sed -i 's/vecsub/vecadd/' mine.csv; plan --kernels mine.csv
  isobar: mine.csv:2: profiled names "vecadd", a kernel that a run has timed (--kernel-profile FILE says which run: a file of `isobar run --json FILE`)
  [2]
