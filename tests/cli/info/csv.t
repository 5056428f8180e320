What info lists as CSV: a row for each figure, the same as in the JSON.

  $ isobar info chip isobar-nano --csv - | head -3
  table,name,key,value
  chip,isobar-nano,name,isobar-nano
  chip,isobar-nano,path,*isobar-nano.toml (glob)
  $ isobar info --csv all.csv > text; isobar info --json > all.json
  $ python3 - <<'PY'
  > import csv, json
  > rows = {(r["table"], r["name"], r["key"]): r["value"] for r in csv.DictReader(open("all.csv"))}
  > everything = json.load(open("all.json"))
  > print(sorted({table for table, _, _ in rows}))
  > print(all(rows["chips", c["name"], "cores"] == str(c["cores"]) for c in everything["chips"]))
  > print(rows["versions", "", "fmt"] == everything["versions"]["fmt"])
  > PY
  ['catalogue', 'chips', 'devices', 'models', 'paths', 'transformers', 'versions']
  True
  True
