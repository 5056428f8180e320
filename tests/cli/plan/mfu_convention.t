One convention of the MFU, named in every output, switched by the same word in plan, train and explain.

  $ plan() { isobar plan --model gpt3-1.3b --chip a100-80gb --chips 8 --batch 64 "$@"; }
  $ plan | grep -o 'MFU counts 6 N + [0-9]* L H Q T per token ([a-z -]*)'
  MFU counts 6 N + 6 L H Q T per token (causal attention halved)
  $ plan --mfu full | grep -o 'MFU counts 6 N + [0-9]* L H Q T per token ([a-z -]*)'
  MFU counts 6 N + 12 L H Q T per token (attention in full)
  $ plan --json | grep -o '"mfu_attention": "[a-z-]*"'
  "mfu_attention": "causal-halved"
  $ plan --sweep --mfu full | python3 -c 'import csv, sys; print(next(csv.DictReader(sys.stdin))["mfu_attention"])'
  full
  $ plan | grep -o 'FLOPs  *6 N + 6 L H Q T per token'
  FLOPs     6 N + 6 L H Q T per token

The share that the ledger calls useful is the table's MFU; what only the convention counts is credit.

  $ plan | grep -E '^  MFU'
    MFU *% (glob)
  $ plan --mfu full | grep -E '^  MFU'
    MFU *% = *% executed + *% that the MFU counts although it took no time (glob)

The step does not depend on what is counted.

  $ plan --json | grep -m1 step_s > halved
  $ plan --json --mfu full | grep -m1 step_s | diff - halved

  $ for command in plan train explain; do isobar $command --help | grep -o -- '--mfu'; done
  --mfu
  --mfu
  --mfu
  $ plan --mfu half
  *--mfu* (glob)
  [2]
