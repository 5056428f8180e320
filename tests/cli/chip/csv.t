The tables of chips and of a sweep of designs as CSV.

  $ isobar chip h100 h20 --csv - > chips.csv
  $ head -1 chips.csv
  table,chip,section,key,label,unit,value,low,high,source,missing
  $ isobar chip h100 --json > h100.json
  $ python3 - <<'PY'
  > import csv, json
  > rows = [r for r in csv.DictReader(open("chips.csv")) if r["table"] == "figures" and r["chip"] == "h100"]
  > chip = json.load(open("h100.json"))
  > for row in rows:
  >     value = chip[row["key"]]
  >     if isinstance(value, (int, float)):
  >         scale = 100 if row["unit"] == "%" else 1
  >         assert abs(float(row["value"]) - value * scale) <= 1e-12 * abs(value) * scale, row
  > print(len(rows) > 20)
  > PY
  True
  $ isobar chip --sweep --designs 200 --csv designs.csv > /dev/null
  $ head -1 designs.csv | cut -d, -f1-4
  table,node,cores,enabled_cores
  $ isobar chip --sweep --designs 200 --csv - --json
  isobar: --csv - and --json both want standard output (--csv FILE writes a file)
  [2]
