The plan, its JSON, its CSV and a sweep answer the same question with the same digits.

  $ ask() { isobar plan --model llama-3-8b --chip h100 --chips 64 --batch 128 --tokens 1e12 --price 2 "$@"; }
  $ ask --json > plan.json
  $ ask --csv plan.csv > plan.txt
  $ ask --sweep --json > sweep.json
  $ ask --sweep > sweep.csv
  $ cat > compare.py <<'PY'
  > import csv, json, re
  > plan, sweep = json.load(open("plan.json")), json.load(open("sweep.json"))
  > best = plan["layouts"][0]
  > rows = list(csv.DictReader(open("plan.csv")))
  > layout = next(r for r in rows if r["table"] == "layouts")
  > run = next(r for r in rows if r["table"] == "run")
  > line = next(csv.DictReader(open("sweep.csv")))
  > for name in ("step_s", "low_s", "high_s", "mfu", "hfu"):
  >     assert best[name] == sweep[name] == float(layout[name]) == float(line[name]), name
  > for name in ("days", "goodput", "chip_hours", "cost"):
  >     assert plan["run"][name] == sweep[name] == float(run[name]) == float(line[name]), name
  > assert best["layout"] == sweep["layout"] == layout["layout"] == line["layout"]
  > text = open("plan.txt").read()
  > assert "%.4g s" % best["step_s"] in text, "the table's step"
  > assert "The run: %.1f days" % sweep["days"] in text, "the run's days"
  > steps = 1e12 / plan["batch"] / plan["sequence"]
  > days = best["step_s"] * steps / plan["run"]["goodput"] / 86400
  > assert abs(days / plan["run"]["days"] - 1) < 1e-12, "days of the printed step"
  > print("one number")
  > PY
  $ python3 compare.py
  one number

Rows with the same printed step stand with the simplest layout first, and asking for fewer rows
changes none of them.

  $ ask --no-ledger --runners-up 0 | grep '^tp' | head -1 | tr -s ' ' > first
  $ ask --no-ledger | grep '^tp' | head -1 | tr -s ' ' | diff - first
