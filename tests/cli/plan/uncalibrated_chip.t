An interval is wider where no run was fitted, and text, JSON and CSV say why.

  $ ask() { isobar plan --model llama-3-8b --chips 64 --batch 128 "$@"; }
  $ ask --chip mi300x --no-ledger | grep -E '^note: (no published run on|so the interval)'
  note: no published run on mi300x or a similar chip was fitted: default coefficients are used
  note: so the interval is wider, as for runs left out of the fit: * times the step (glob)
  $ ask --chip h100 --no-ledger | grep '^note'
  [1]
  $ ask --chip mi300x --csv - | head -2 | grep -o 'no published run on mi300x'
  no published run on mi300x
  $ ask --chip mi300x --sweep --json | grep -o 'no published run on mi300x'
  no published run on mi300x
  $ ask --chip mi300x,h100 --sweep > sweep.csv
  $ python3 - <<'PY'
  > import csv
  > new, known = csv.DictReader(open("sweep.csv"))
  > width = lambda row: float(row["high_s"]) / float(row["low_s"])
  > print(width(new) > 1.3 * width(known), "no published run on mi300x" in new["warnings"], known["warnings"])
  > PY
  True True * (glob)

Somebody's own chip is none of the generation that its name begins with.

  $ sed 's/^name *=.*/name = "h1000"/' "$ISOBAR_SOURCE/chips/h100.toml" > h1000.toml
  $ ask --chip ./h1000.toml --no-ledger | grep -o 'no published run on h1000 or a similar chip'
  no published run on h1000 or a similar chip
