#!/bin/bash
# Programs that other people wrote, unmodified, on the simulated chip: clinfo, clpeak and PyOpenCL's
# arrays. Usage: real_clients.sh FOLDER_WITH_OUR_ICD CLIENT [STARTER...]. Exit code 77 means the client
# is not installed (scripts/packages.txt names it). A STARTER is what runs a program that loads a driver
# built with a sanitizer (cmake/IsobarSanitizers.cmake).
set -euo pipefail
export OCL_ICD_VENDORS=$1 ISOBAR_CHIP=isobar-nano
client=$2
starter=("${@:3}")
work=$(mktemp -d)
output=$work/output
trap 'rm -rf "$work"' EXIT

run() { "${starter[@]}" "$(command -v "$1")" "${@:2}"; }
need() { command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }; }
expect() { grep -Eq "$1" "$output" || { cat "$output"; echo "not found: $1"; exit 1; }; }
refuse() { ! grep -Eiq "$1" "$output" || { cat "$output"; echo "found: $1"; exit 1; }; }

case $client in
  clinfo)
    need clinfo
    run clinfo >"$output"
    expect 'Device Name +isobar-nano'
    expect 'Device Version +OpenCL 3.0'
    expect 'Preferred work group size multiple \(kernel\) +32'
    refuse 'error -[0-9]+|CL_INVALID|failed'
    ;;
  clpeak)
    need clpeak
    # Its work grows with the cores and the memory it finds: with a sanitizer, one core and 64 MiB.
    if [[ ${#starter[@]} != 0 ]]; then
      sed -e 's/^count = .*/count = 1/' -e 's/^capacity = .*/capacity = "64 MiB"/' \
        "$(dirname "$0")/../../chips/isobar-nano.toml" >"$work/isobar-nano.toml"
      export ISOBAR_CHIP=$work/isobar-nano.toml
    fi
    run clpeak --compute-sp --global-bandwidth >"$output" 2>&1
    expect 'Device: isobar-nano'
    expect 'float16 +: [0-9.]+'
    refuse 'fail|error|exception|skipped'
    ;;
  pyopencl)
    /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || { echo "PyOpenCL is not installed"; exit 77; }
    PYOPENCL_NO_CACHE=1 run /usr/bin/python3 "$(dirname "$0")/pyopencl_arrays.py" >"$output" 2>&1 ||
      { cat "$output"; exit 1; }
    expect 'isobar-nano'
    expect 'all right'
    ;;
  *) echo "unknown client $client"; exit 2 ;;
esac
cat "$output"
