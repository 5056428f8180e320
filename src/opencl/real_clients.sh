#!/bin/bash
# Programs that other people wrote, unmodified, on the simulated chip: clinfo, clpeak and PyOpenCL's
# arrays. Usage: real_clients.sh FOLDER_WITH_OUR_ICD CLIENT. Exit code 77 means the client is not
# installed (scripts/packages.txt names it).
set -euo pipefail
export OCL_ICD_VENDORS=$1 ISOBAR_CHIP=isobar-nano
output=$(mktemp)
trap 'rm -f "$output"' EXIT

need() { command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }; }
expect() { grep -Eq "$1" "$output" || { cat "$output"; echo "not found: $1"; exit 1; }; }
refuse() { ! grep -Eiq "$1" "$output" || { cat "$output"; echo "found: $1"; exit 1; }; }

case $2 in
  clinfo)
    need clinfo
    clinfo >"$output"
    expect 'Device Name +isobar-nano'
    expect 'Device Version +OpenCL 3.0'
    expect 'Preferred work group size multiple \(kernel\) +32'
    refuse 'error -[0-9]+|CL_INVALID|failed'
    ;;
  clpeak)
    need clpeak
    clpeak --compute-sp --global-bandwidth >"$output" 2>&1
    expect 'Device: isobar-nano'
    expect 'float16 +: [0-9.]+'
    refuse 'fail|error|exception|skipped'
    ;;
  pyopencl)
    /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || { echo "PyOpenCL is not installed"; exit 77; }
    PYOPENCL_NO_CACHE=1 /usr/bin/python3 "$(dirname "$0")/pyopencl_arrays.py" >"$output" 2>&1 ||
      { cat "$output"; exit 1; }
    expect 'isobar-nano'
    expect 'all right'
    ;;
  *) echo "unknown client $2"; exit 2 ;;
esac
cat "$output"
