#!/bin/bash
# `cmake --install` into a folder, and what a user does there: the installed programs find their data,
# run kernels, name files that exist, and still do after the folder has been moved.
# Usage: installed_tree.sh BUILD
set -euo pipefail
build=$(cd "$1" && pwd)
[[ -x $build/bin/isobar ]] || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder/home; unset XDG_CACHE_HOME ISOBAR_CORPORA OCL_ICD_VENDORS; mkdir "$HOME"
cmake --install "$build" --prefix "$folder/prefix" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
fail() { echo "$*"; exit 1; }

icd=$folder/prefix/share/isobar/opencl/isobar.icd
library=$(cat "$icd")
[[ $library == "$folder"/prefix/* && -f $library ]] || fail "isobar.icd names $library"

check() {
  local isobar=$1/bin/isobar
  "$isobar" info > "$folder/out" 2>&1 || fail "info: $(cat "$folder/out")"
  ! grep -q "$build" "$folder/out" || fail "info names the build tree: $(grep "$build" "$folder/out")"
  "$isobar" chip h100 > "$folder/out" 2>&1 || fail "chip: $(cat "$folder/out")"
  "$isobar" plan -m gpt2 -c h100 -n 8 --batch 64 > "$folder/out" 2>&1 || fail "plan: $(cat "$folder/out")"
  "$isobar" run -- "$isobar" bench timing-rtl-client --only vecadd:32 > "$folder/out" 2>&1 || fail "run: $(cat "$folder/out")"
  grep -q vx_vecadd "$folder/out" || fail "run shows no kernel: $(cat "$folder/out")"
  "$isobar" explain "$2" > "$folder/out" 2>&1 || fail "explain: $(cat "$folder/out")"
}
trace=$(cd "$(dirname "$0")/.." && pwd)/src/explain/samples/cuda.json
check "$folder/prefix" "$trace"
# Through the loader of the system, as any program: where the .icd would be put by root.
OCL_ICD_VENDORS=$folder/prefix/share/isobar/opencl/ "$folder/prefix/bin/isobar" info > "$folder/out"
grep -q "Isobar / " "$folder/out" || fail "the loader does not find the chip: $(cat "$folder/out")"

mv "$folder/prefix" "$folder/moved"
check "$folder/moved" "$trace"

# An error that names a script names one that is there.
rm -rf "$folder/moved/share/isobar/corpora"
! "$folder/moved/bin/isobar" train --steps 1 --run-dir "$folder/run" > "$folder/out" 2>&1 || fail "trained on nothing"
script=$(sed -n 's/.*fetch it with: \([^ ]*\) .*/\1/p' "$folder/out")
[[ $script == "$folder"/moved/* && -x $script ]] || fail "the script is not there: $(cat "$folder/out")"
grep -q "fetch-corpus $HOME/.cache/isobar/corpora" "$folder/out" || fail "no folder is named: $(cat "$folder/out")"
echo "an installation works"
