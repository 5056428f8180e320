#!/bin/bash
# Programs that other people wrote, unmodified, on the simulated chip: clinfo, clpeak, PyOpenCL's
# arrays, hashcat, and a folder of kernels that is not here (peer_kernels.py; ISOBAR_PEER_KERNELS). Usage: real_clients.sh FOLDER_WITH_OUR_ICD CLIENT [STARTER...]. Exit code 77 means the client
# is not installed (scripts/packages.txt names it). A STARTER is what runs a program that loads a driver
# built with a sanitizer (cmake/IsobarSanitizers.cmake).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
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
    # Its work grows with the cores and the memory it finds: one core and 64 MiB are enough.
    sed -e 's/^count = .*/count = 1/' -e 's/^capacity = .*/capacity = "64 MiB"/' \
      "$(dirname "$0")/../../chips/isobar-nano.toml" >"$work/isobar-nano.toml"
    export ISOBAR_CHIP=$work/isobar-nano.toml
    run clpeak --compute-sp --global-bandwidth >"$output" 2>&1
    expect 'Device: isobar-nano'
    expect 'float16 +: [0-9.]+'
    refuse 'fail|error|exception|skipped'
    ;;
  pyopencl)
    /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || { echo "PyOpenCL is not installed"; exit 77; }
    # Python and NumPy keep what they made until the process ends, and a leak of the driver would have
    # their frames in its stack too: leaks are for the other tests to find.
    export ASAN_OPTIONS=detect_leaks=0
    PYOPENCL_NO_CACHE=1 run /usr/bin/python3 "$(dirname "$0")/pyopencl_arrays.py" >"$output" 2>&1 ||
      { cat "$output"; exit 1; }
    expect 'isobar-nano'
    expect 'all right'
    ;;
  hashcat)
    need hashcat
    [[ ${#starter[@]} == 0 ]] || { echo "too slow with a sanitizer"; exit 77; }
    # It tests itself first (a known password has to be found), then finds the password of its own
    # example. Modes whose kernels copy structures between address spaces; all of them with ISOBAR_LONG.
    modes=(5000)
    [[ -z ${ISOBAR_LONG-} ]] || modes=(5000 11400 19500)
    export HOME=$work XDG_DATA_HOME=$work XDG_CACHE_HOME=$work
    cd "$work"
    for mode in "${modes[@]}"; do
      hash=$(hashcat --example-hashes -m "$mode" | sed -n 's/^ *Example\.Hash\.*: //p')
      password=$(hashcat --example-hashes -m "$mode" | sed -n 's/^ *Example\.Pass\.*: //p')
      # --force: without it no device of an unknown vendor is used.
      run hashcat --force --potfile-disable -a 3 -n 1 -u 16 -T 32 -m "$mode" "$hash" \
        "${password%??}?l?l" >"$output" 2>&1 || { cat "$output"; exit 1; }
      refuse 'self-test failed'
      expect 'Status\.+: Cracked'
      grep -Fq "$hash:$password" "$output" || { cat "$output"; exit 1; }
      echo "mode $mode: cracked"
    done
    ;;
  peer_kernels)
    [[ ${#starter[@]} == 0 ]] || { echo "too slow with a sanitizer"; exit 77; }
    [[ -n ${ISOBAR_PEER_KERNELS-} ]] || { echo "ISOBAR_PEER_KERNELS names no folder of kernels"; exit 77; }
    [[ -e /etc/OpenCL/vendors/pocl.icd ]] || { echo "PoCL is not installed"; exit 77; }
    /usr/bin/python3 -c 'import pyopencl' 2>/dev/null || { echo "PyOpenCL is not installed"; exit 77; }
    /usr/bin/python3 "$here/peer_kernels.py" "$OCL_ICD_VENDORS" "$ISOBAR_PEER_KERNELS" >"$output" 2>&1 ||
      { cat "$output"; exit 1; }
    expect '[1-9][0-9]* compared and the same, 0 wrong'
    ;;
  *) echo "unknown client $client"; exit 2 ;;
esac
cat "$output"
