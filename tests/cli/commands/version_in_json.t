Every document that Isobar writes says which Isobar wrote it, under "isobar".

  $ VERSION=$(isobar --version | sed 's/^isobar //'); export VERSION
  $ isobar plan -m gpt2 -c h100 -n 8 --batch 64 --json > plan.json
  $ isobar plan -m gpt2 -c h100 -n 8 --batch 64 --sweep --json > plans.jsonl
  $ printf 'id,model,chip,n_chips,precision,global_batch,seq,step_time_s\na,llama-3-8b,h100,8,bf16,64,8192,9\n' > runs.csv
  $ isobar plan --validate runs.csv --json > validated.jsonl
  $ isobar chip h100 --json > chip.json; isobar chip h100 h20 --json > chips.json
  $ isobar chip --sweep --designs 100 --json > designs.json
  $ isobar info --json > info.json; isobar info chip isobar-1 --json > info_chip.json
  $ isobar explain "$ISOBAR_SOURCE/src/explain/samples/cuda.json" --json > explain.json
  $ isobar run --json run.json --trace trace.json -- isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --json > bench.jsonl 2> report
  $ . "$ISOBAR_SOURCE/tests/cli/train/tiny_run.sh"
  $ tiny --steps 2 --run-dir run --no-sample --json > train.jsonl 2> progress
  $ cp run/summary.json run/ledger.json .
  $ python3 - <<'PY'
  > import glob, json, os
  > for name in sorted(glob.glob("*.json*")):
  >     text = open(name).read()
  >     documents = [json.loads(line) for line in text.splitlines()] if name.endswith("l") else json.loads(text)
  >     for each in documents if isinstance(documents, list) else [documents]:
  >         each = each.get("otherData", each)
  >         assert each.get("isobar") == os.environ["VERSION"], name
  >     print(name)
  > PY
  bench.jsonl
  chip.json
  chips.json
  designs.json
  explain.json
  info.json
  info_chip.json
  ledger.json
  plan.json
  plans.jsonl
  run.json
  summary.json
  trace.json
  train.jsonl
  validated.jsonl
