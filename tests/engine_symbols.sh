#!/bin/bash
# The handlers are one source compiled for three instruction sets. What an object of one of them defines
# must be in its own namespace: of an inline function outside it the linker keeps one copy for all, and
# that may be the one with instructions which this processor does not have. So
#   - what an object shows to the linker is its namespace and its executor,
#   - what it asks for are machine.h's slow paths and C's arithmetic and memory functions,
#   - and no register in it is wider than its instruction set has.
# Usage: engine_symbols.sh BUILD. 77: another processor or a sanitizer's build.
set -euo pipefail
objects=$(cd "$1" && pwd)/src/simt/CMakeFiles/isobar_simt.dir
[[ $(uname -m) == x86_64 ]] && command -v nm objdump > /dev/null || exit 77
[[ -f $objects/engine/portable.cpp.o ]] || { echo "there is no $objects/engine/portable.cpp.o"; exit 1; }
nm "$objects/engine/portable.cpp.o" | grep -qE ' U __(asan|tsan|ubsan|llvm_profile)' && exit 77
failed=0
complain() { printf '%s\n  -> %s\n' "$1" "$2"; failed=1; }

slow_paths='exact_float|find_region|float_csr|need_call_row|report_access|report_fault|trace_entry|trace_operation'
arithmetic='ceilf?|floorf?|fmaf?|roundevenf?|truncf?|sqrtf?|mem(cpy|move|set)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail'
for engine in portable avx2 avx512; do
  object=$objects/engine/$engine.cpp.o
  # Upper case and u, v, w: what other objects can see. The first column is an address.
  foreign=$(nm --defined-only -C "$object" | sed 's/^[0-9a-f]* //' | grep -E '^[A-Zuvw] ' |
            grep -vE "isobar::simt::(executor_$engine\(|$engine::)" || true)
  [[ -z $foreign ]] || complain "$foreign" "$engine defines this for everybody"
  asked=$(nm --undefined-only -C "$object" | sed 's/^ *[Uw] //' |
          grep -vE "^(isobar::simt::($slow_paths)\(.*|$arithmetic)$" || true)
  [[ -z $asked ]] || complain "$asked" "$engine asks for this"
done

# wide ENGINE REGISTERS: registers that an engine must not name.
wide() {
  local found
  found=$(objdump -d --no-show-raw-insn "$objects/engine/$1.cpp.o" | grep -m 3 -E "%($2)" || true)
  [[ -z $found ]] || complain "$found" "$1 has instructions of a wider set"
}
wide portable '[yz]mm[0-9]|k[0-7]'
wide avx2 'zmm[0-9]|k[0-7]'
exit $failed
