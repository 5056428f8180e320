A sweep keeps to its limits, whoever judges the designs.

  $ for judge in planner roofline; do
  >   isobar chip --sweep --designs 300 --max-area 400 --max-power 300 --max-cost 600 --node N7 --judge $judge --json > $judge.json
  > done
  $ python3 - <<'PY'
  > import json
  > for judge in "planner", "roofline":
  >     front = json.load(open(judge + ".json"))["front"]
  >     print(len(front) > 0, all(d["die_area_mm2"] <= 400 and d["power_w"] <= 300 and d["cost_per_package"] <= 600 and d["node"] == "N7" for d in front))
  > PY
  True True
  True True
