#!/bin/bash
# Each wall of scripts/check-walls falls when one include breaks it, and stands without. Usage:
# walls_fall.sh.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/include"
cp -r "$source/src" "$folder/src"
cp -r "$source/include/isobar" "$folder/include/isobar"
mkdir "$folder/bench"
failed=0

"$source/scripts/check-walls" "$folder" > "$folder/said" || { cat "$folder/said"; failed=1; }

# breaks WHERE WHAT SAYING: a file in src/WHERE that includes WHAT.
breaks() {
  echo "#include \"$2\"" > "$folder/src/$1/breaks_a_wall.h"
  if "$source/scripts/check-walls" "$folder" > "$folder/said" 2>&1 || ! grep -qF -- "$3" "$folder/said"; then
    echo "src/$1 may include $2, and nobody says that $3"
    failed=1
  fi
  rm "$folder/src/$1/breaks_a_wall.h"
}
breaks train device/device.h "the trainer speaks only OpenCL"
breaks nn simt/launch.h "the trainer speaks only OpenCL"
breaks cluster timing/machine.h "cluster never includes the simulator"
breaks explain isa/instruction.h "explain never includes the simulator"
breaks simt timing/cause.h "simt knows no time"
for computes in isa/soft_float.h isa/integer_ops.h isa/hart.h simt/machine.h simt/engine_integer.h simt/worker.h simt/vectors.h; do
  breaks timing/core "$computes" "timing knows no arithmetic"
done
breaks chip ledger/ledger.h "chip stands below"
breaks device opencl/queue.h "device stands below"
breaks timing report/waterfall.h "timing stands below"
breaks fab cluster/plan.h "the order is"
breaks fab report/waterfall.h "the order is"
breaks cluster explain/explanation.h "the order is"
breaks cluster report/waterfall.h "the order is"
breaks explain report/waterfall.h "the order is"
breaks explain cli/commands.h "the order is"
breaks report cli/commands.h "the order is"
breaks cli api/chip.h "only src/api includes the public interface"
breaks device isobar/plan.h "only src/api includes the public interface"
breaks api cluster/plan.h "only src/api/plan.cpp includes the planner"
breaks ../include/isobar chip/chip.h "public headers include the standard library and each other"
exit $failed
