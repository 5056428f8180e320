A plan's JSON tells the chip's comparison how fast it trains; other constants change what it costs.

  $ isobar plan -m gpt3-1.3b -c h100 -n 8 --batch 64 --json > plan.json
  $ isobar chip h100 --run plan.json --json > with; isobar chip h100 --json > without
  $ sed 's/^masks = .*/masks = [9e9, 8e9, 10e9]/' "$ISOBAR_SOURCE/src/fab/data/constants.toml" > mine.toml
  $ isobar chip h100 --constants mine.toml --json > mine
  $ python3 - <<'PY'
  > import json
  > run, none, mine = (json.load(open(n)) for n in ("with", "without", "mine"))
  > print(*sorted(k for k in none if run[k] != none[k] and k in ("mfu", "cost_per_million_tokens", "cost_per_package")))
  > print(mine["masks_and_design_per_package"] > 10 * none["masks_and_design_per_package"])
  > PY
  cost_per_million_tokens mfu
  True
