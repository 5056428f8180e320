A step of hours on thousands of chips has a ledger that adds up, in a longer unit than picoseconds.

  $ ask() { isobar plan --model llama-3-405b --chip a100-80gb --sequence 8192 --runners-up 0 "$@"; }
  $ fixed="--tp 8 --pp 5 --cp 1 --micro-batch 1 --schedule 1f1b --zero 2 --recompute selective"
  $ ask --chips 10000 --batch 1000000 $fixed | grep -E 'capacity|unattributed'
    capacity  100737847 s (100737847883344656 ns x chip)
    - unattributed                    0.0 %         0 s  ..............................
  $ ask --chips 10000 --batch 1000000 $fixed --json | python3 -c '
  > import json, sys
  > ledger = json.load(sys.stdin)["ledger"]
  > print(ledger["unit"], ledger["unattributed"], ledger["capacity"] == ledger["charged"])'
  ns x chip 0 True
  $ ask --chips 10000 --batch 1000 $fixed --json | grep '"unit"'
      "unit": "ps x chip",

A micro-batch that 32 bits cannot hold times its replicas is refused as any other.

  $ isobar plan --model gpt2 --chip h100 --chips 65536 --micro-batch 65536 --batch 65536
  isobar: no layout of gpt2 on 65536 chips is legal: a batch of 65536 does not divide into micro-batches of 65536 on 65536 data-parallel ranks
  [2]

Groups of a cluster are at most ten million chips together.

  $ printf '[[level]]\nname = "one"\nchips = 8\nbandwidth = "100 GB/s"\nlatency = "1 us"\n' > huge.toml
  $ for i in $(seq 430); do printf '[[group]]\nchip = "h100"\nchips = 10000000\n' >> huge.toml; done
  $ isobar plan --model gpt2 --cluster ./huge.toml
  isobar: ./huge.toml: its groups have 4300000000 chips together, but at most 10000000 are supported
  [2]
