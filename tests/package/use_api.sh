#!/bin/bash
# Builds the examples against an installed Isobar, with find_package and with pkg-config, and holds what
# they print against what the command says of the same things. Where Isobar is, the caller has said:
# PATH, CMAKE_PREFIX_PATH, PKG_CONFIG_PATH, LD_LIBRARY_PATH.
# Usage: use_api.sh EXAMPLES TRACE FOLDER   (FOLDER: to work in)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
examples=$1; trace=$2; folder=$3
fail() { echo "$*"; exit 1; }

cmake -S "$examples" -B "$folder/cmake" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" \
  > "$folder/log" 2>&1 || fail "find_package: $(cat "$folder/log")"
cmake --build "$folder/cmake" -j 2 > "$folder/log" 2>&1 || fail "the examples, by CMake: $(cat "$folder/log")"
mkdir "$folder/pkg-config"
read -ra flags < <(pkg-config --cflags --libs 'isobar >= 0.1')
# Another compiler than CMake took, where there is one.
compiler=$(command -v g++ || command -v c++)
for example in launch_kernel explain_trace plan_run; do
  "$compiler" -O0 -std=c++20 -Wall -Wextra -Werror "$examples/$example.cpp" "${flags[@]}" -o "$folder/pkg-config/$example" ||
    fail "$example, by pkg-config"
done

# The kernel of the first example, in a program of OpenCL's own.
sed -n '/^kernel/,/^})";/p' "$examples/launch_kernel.cpp" | sed 's/^})";/}/' > "$folder/kernel.cl"
"$compiler" -x c "$here/scale_add.c" -lOpenCL -o "$folder/scale_add"
isobar run --fidelity timed --json "$folder/launch_kernel.json" -- "$folder/scale_add" "$folder/kernel.cl" \
  > "$folder/log" 2>&1 || fail "isobar run: $(cat "$folder/log")"
isobar explain --json "$trace" > "$folder/explain_trace.json"
isobar plan --model llama-3-8b --chip h100 --chips 64 --batch 256 --tokens 300e9 --runners-up 2 --json > "$folder/plan_run.json"

declare -A arguments=([launch_kernel]=isobar-nano [explain_trace]=$trace [plan_run]="llama-3-8b h100 64")
for example in launch_kernel explain_trace plan_run; do
  "$here/expected.py" $example "$folder/$example.json" > "$folder/expected"
  [[ $(wc -l < "$folder/expected") -ge 4 ]] || fail "$example: nothing to compare with"
  for way in cmake pkg-config; do
    # shellcheck disable=SC2086  # several words
    "$folder/$way/$example" ${arguments[$example]} > "$folder/printed" || fail "$example, by $way, exit code $?"
    diff "$folder/expected" "$folder/printed" || fail "$example, by $way: not what the command prints (above)"
  done
done
# An error is the caller's to see, and a text.
! "$folder/cmake/plan_run" llama-3-8b h101 64 2> "$folder/log" || fail "an unknown chip was planned"
grep -q 'did you mean h100' "$folder/log" || fail "an unknown chip: $(cat "$folder/log")"
