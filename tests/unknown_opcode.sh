#!/bin/bash
# An instruction that nobody performs is an error of the build, and not a zero: rows are added to a copy
# of the instruction table, and one taken out of a copy of the handlers' table, and what performs
# instructions is compiled with them. Usage: unknown_opcode.sh BUILD. 77: no compile commands there.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
[[ -f $build/compile_commands.json ]] && command -v python3 > /dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# The command that compiles a file of src/, with another folder's headers first, and without output.
command_for() {
  python3 - "$build/compile_commands.json" "$source/src/$1" "$2" <<'PY'
import json, shlex, sys
commands, wanted, headers = sys.argv[1:]
for entry in json.load(open(commands)):
    if entry["file"] != wanted:
        continue
    words = shlex.split(entry["command"])
    words = words[next(i for i, word in enumerate(words) if "clang" in word):words.index("-o")]
    print(shlex.join([words[0], "-I", headers, *words[1:], "-O0", "-fsyntax-only", "-w"]))
PY
}

# refuses WHAT FILE SAYING [SOURCE]: FILE (or SOURCE by its command), with the headers in
# $folder/WHAT first, does not compile, and the compiler says SAYING.
refuses() {
  local command
  command=$(command_for "$2" "$folder/$1")
  [[ -n $command ]] || { echo "$2 is not among the build's files"; failed=1; return; }
  if (cd "$build" && eval "$command ${4:-$source/src/$2}") > "$folder/said" 2>&1; then
    echo "$1: $2 compiled"
    failed=1
  elif ! grep -qF "$3" "$folder/said"; then
    echo "$1: $2 was refused, but not for this reason ($3):"
    head -20 "$folder/said"
    failed=1
  fi
}

# with_row NAME ROW: the table with one row more.
with_row() {
  mkdir -p "$folder/$1/isa"
  { cat "$source/src/isa/instructions.def"; echo "$2"; } > "$folder/$1/isa/instructions.def"
}
with_row integer 'ISOBAR_INSTRUCTION(kNewInteger, "new.integer", "X", 0x7b, 0x7f, kR, kInteger, kInteger, kInteger, kNone, false, kIntAlu, 0, 0, "nothing")'
with_row float 'ISOBAR_INSTRUCTION(kNewFloat, "new.float", "X", 0x7b, 0x7f, kR, kFloat, kFloat, kNone, kNone, true, kFp32, 1, 0, "nothing")'
mkdir -p "$folder/handler/simt/engine"
sed '/case kIsobarVoteAny:/,+1d' "$source/src/simt/engine/table.h" > "$folder/handler/simt/engine/table.h"
cmp -s "$source/src/simt/engine/table.h" "$folder/handler/simt/engine/table.h" && { echo "no handler was taken out"; failed=1; }

# One of the engine's four tables is enough, and is quicker than all of them.
cat > "$folder/one_table.cpp" <<'C'
#define ISOBAR_ENGINE portable
#include "simt/engine/table.h"
static_assert(isobar::simt::portable::Table<32, false>::performs(isobar::isa::Opcode::kAdd));
C
refuses handler simt/engine/portable.cpp "no handler performs this row of the instruction table" \
  "$folder/one_table.cpp"
refuses integer isa/hart/hart.cpp "non-constexpr function 'unknown_opcode' cannot be used"
refuses float isa/soft_float.cpp "and nobody says what"
exit $failed
