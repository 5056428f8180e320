Every table of an explanation as CSV, with the figures of its JSON.

  $ trace=$ISOBAR_SOURCE/src/explain/samples/cuda.json
  $ isobar explain "$trace" --json > e.json
  $ isobar explain "$trace" --csv e.csv --explain-cause idle > e.txt
  $ isobar explain "$trace" --csv - | head -1 | cut -d, -f1-3
  table,span_ms,compute_busy_ms
  $ python3 - <<'PY'
  > import csv, json
  > rows, e = list(csv.DictReader(open("e.csv"))), json.load(open("e.json"))
  > figures = next(r for r in rows if r["table"] == "figures")
  > for name in ("span_ms", "compute_busy_ms", "idle_ms", "mfu", "model_tflop"):
  >     assert float(figures[name]) == e[name], name
  > assert figures["mfu_convention"] == e["mfu_convention"]
  > print(sorted({r["table"] for r in rows}))
  > shares = sum(float(r["share"]) for r in rows if r["table"] == "ledger")
  > print(round(shares, 12))
  > PY
  ['advice', 'classes', 'figures', 'kernels', 'ledger', 'ranks']
  1.0
