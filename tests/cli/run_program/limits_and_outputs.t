Host threads change nothing that is counted, and a timeline keeps to its size.

  $ vecadd() { isobar run "$@" -- isobar bench simt --quick --only vecadd --pairs 1 --peer isobar; }
  $ for n in 1 2; do vecadd --fidelity functional --threads $n --json $n.json > /dev/null 2>&1; done
  $ counts() { python3 -c 'import json, sys; print(*((k["kernel"], k["launches"], k["warp_instructions"], k["global_load_bytes"]) for k in json.load(open(sys.argv[1]))["kernels"]))' "$1"; }
  $ counts 1.json > 1.txt; counts 2.json | diff 1.txt - && test -s 1.txt
  $ vecadd --trace t.json --trace-limit 1 --roofline roof.svg > /dev/null 2>&1
  $ python3 -c 'import json, os; json.load(open("t.json")); print(os.path.getsize("t.json") <= 1.1 * 2**20)'
  True
  $ head -c 4 roof.svg; echo
  <svg
  $ isobar run --trace-limit 5 -- true
  isobar run: --trace-limit requires --trace * (glob)
  [2]
