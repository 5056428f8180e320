A program whose buffer is four times the second level, scaled in place: the launches that are not
timed read it and write it back like the others, and what was timed is said in work-groups.

  $ SMALL=$ISOBAR_SOURCE/bench/kernels/small-caches.toml
  $ CASE="65536:262144:in place, far beyond"
  $ isobar run --chip "$SMALL" --json out.json -- isobar bench timing-memory-client --only "$CASE" 2>&1 | grep 'simulated time'
  kernels on small-caches (simulated time: 4608 of 196608 work-groups of 6 of 12 launches timed, the others extrapolated, +-* %) (glob)
  $ python3 - <<'CHECK'
  > import json
  > scale = json.load(open("out.json"))["kernels"][0]
  > moved = 12 * (4 << 20)
  > print(0.98 < scale["dram_read_bytes"] / moved < 1.02, 0.94 < scale["dram_write_bytes"] / moved < 1.02)
  > CHECK
  True True
