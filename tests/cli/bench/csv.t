Rows of a suite as CSV: into a file beside the table, or alone on standard output.

  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --csv rows.csv > table
  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --csv - > alone.csv
  $ python3 - <<'PY'
  > import csv
  > rows, alone = (list(csv.DictReader(open(name))) for name in ("rows.csv", "alone.csv"))
  > print(list(rows[0]), [r["name"] for r in rows] == [r["name"] for r in alone])
  > table = open("table").read().splitlines()[1:]
  > print(len(rows) == len(table) > 3, all(t.startswith(r["suite"] + " " + r["name"]) for r, t in zip(rows, table)))
  > print([float(r["value"]) for r in rows if r["name"] == "wrong results"])
  > PY
  ['suite', 'name', 'value', 'unit', 'peer', 'peer_value', 'ratio'] True
  True True
  [0.0]
  $ isobar bench simt --csv - --json
  isobar: --csv - and --json both want standard output (--csv FILE writes a file)
  [2]
