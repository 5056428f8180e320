Few packages share the cost of masks dearly, and a foundry with a lower rate delivers later.

  $ isobar chip h100 --json > usual; isobar chip h100 --volume 1000 --json > few; isobar chip h100 --capacity 10 --json > late
  $ python3 - <<'PY'
  > import json
  > usual, few, late = (json.load(open(name)) for name in ("usual", "few", "late"))
  > print(*sorted(k for k in usual if few[k] != usual[k] and k != "intervals"))
  > print(*sorted(k for k in usual if late[k] != usual[k] and k != "intervals"))
  > PY
  agility cost_per_package cost_per_tflops fabrication_weeks masks_and_design_per_package time_at_half_capacity_weeks time_to_market_weeks
  agility fabrication_weeks time_at_half_capacity_weeks time_to_market_weeks

What each figure comes from stands below the table, if it is asked for.

  $ isobar chip h100 --explain | grep -A1 -x '  cost of a package'
    cost of a package
      the sum of the costs above
  $ isobar chip h100 | grep -cx '  cost of a package'
  0
  [1]
