#!/bin/bash
# What people look at, end to end: isobar run over a program of three launches, with everything that
# it can show. Usage: run_views.sh ISOBAR. Exit code 77: there is no python3 to read JSON with.
set -euo pipefail
isobar=$1
command -v python3 >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$isobar" run --chip isobar-nano --fidelity timed --profile --json "$folder/profile.json" \
  --trace "$folder/trace.json" --trace-limit 2 --roofline "$folder/roofline.svg" -- \
  "$isobar" bench timing-rtl-client --only vecadd:32 2>"$folder/report" >"$folder/output"

expect() { grep -Eq "$1" "$folder/report" || { cat "$folder/report"; echo "not found: $1"; exit 1; }; }
expect 'roofline \(1\.02TFLOP/s single precision, 136GB/s DRAM\)'
expect 'energy \(pJ per thread instruction'
expect 'hot lines of vx_vecadd'
expect 'vortex\.cl:[0-9]+ |kernel\.cl:[0-9]+ '
expect '0x[0-9a-f]+  fl?w '
grep -q '</svg>' "$folder/roofline.svg"

python3 - "$folder" <<'PYTHON'
import json, sys
profile = json.load(open(sys.argv[1] + "/profile.json"))
kernel = next(k for k in profile["kernels"] if k["kernel"] == "vx_vecadd")
assert kernel["ledger"]["unattributed"] == 0
shares = sum(line["share"] for line in kernel["lines"])
no_warp = sum(g["charge"] for g in kernel["ledger"]["causes"] if g["name"] == "no warp")
assert abs(shares + no_warp / kernel["capacity"] - 1) < 1e-9, shares
assert abs(shares - sum(o["share"] for o in kernel["operations"])) < 1e-9
assert any("+" in line["source"] for line in kernel["lines"])
assert kernel["energy"]["joules"] > 0 and kernel["roofline"]["under"] == "memory"
events = json.load(open(sys.argv[1] + "/trace.json"))["traceEvents"]
assert any(e["name"] == "vx_vecadd" and e["ph"] == "X" for e in events)
for name in ("pipes busy %", "channel 0 bus %", "work-group 0"):
    assert any(e["name"] == name for e in events), name
PYTHON
