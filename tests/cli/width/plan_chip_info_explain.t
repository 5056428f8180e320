No table is wider than the terminal that it is shown on.

  $ narrow() { for columns in 60 80 100; do "$TESTDIR/../narrow.py" $columns isobar "$@"; done; }
  $ narrow plan -m llama-3-70b -c h100 -n 512 --tp 8 --micro-batch 1 --tokens 1e12 --explain
  lines
  lines
  lines
  $ narrow plan -m deepseek-v3 -c h800 -n 256 --tp 1 --precision fp8-block --micro-batch 1
  lines
  lines
  lines
  $ narrow plan --validate "$ISOBAR_SOURCE/src/plan/data/published_runs.csv" | sort | uniq -c
  * 3 lines (glob)
  $ narrow chip h100 isobar-1 ascend-910c
  lines
  lines
  lines
  $ narrow chip h20 --explain
  lines
  lines
  lines
  $ narrow chip --sweep --designs 300
  lines
  lines
  lines
  $ narrow info
  lines
  lines
  lines
  $ narrow info chip isobar-1
  lines
  lines
  lines
  $ cp "$ISOBAR_SOURCE/src/explain/samples/cuda.json" one.json; cp one.json two.json
  $ narrow explain one.json two.json
  lines
  lines
  lines
  $ narrow explain one.json --explain-cause idle
  lines
  lines
  lines

Names of any length are cut or broken, not the table.

  $ long=$(printf 'n%.0s' $(seq 200))
  $ sed "s/^name *=.*/name = \"$long\"/" "$ISOBAR_SOURCE/models/gpt2.toml" > $long.toml
  $ sed "s/^name *=.*/name = \"$long\"/" "$ISOBAR_SOURCE/chips/h100.toml" > chip$long.toml
  $ narrow plan -m $long.toml -c chip$long.toml -n 8 --batch 16
  lines
  lines
  lines
  $ narrow chip chip$long.toml h100
  lines
  lines
  lines

Nothing is lost: side by side or below, the same figures; what goes to a file is as wide as it is.

  $ isobar chip h100 h20 | grep -c 'NVIDIA  *NVIDIA'
  1
  $ isobar plan -m gpt2 -c h100 -n 8 --batch 16 | grep -c '^layout  *step  *80 % between  *MFU  *HFU  *memory  *simulated$'
  1
