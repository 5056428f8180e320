Rows of a suite as lines of JSON, as many and with the same names as the table.

  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar > table
  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --json > rows
  $ python3 - <<'PY'
  > import json
  > rows = [json.loads(line) for line in open("rows")]
  > table = open("table").read().splitlines()[1:]
  > print(len(rows) == len(table) > 3, all(t.startswith(r["suite"] + " " + r["name"]) for r, t in zip(rows, table)))
  > print([r["value"] for r in rows if r["name"] == "wrong results"])
  > PY
  True True
  [0.0]
