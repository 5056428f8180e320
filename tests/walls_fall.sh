#!/bin/bash
# Each wall of scripts/check-walls falls when one include breaks it, and stands without; so do its
# rules on the size of rooms and on what the tour names. Usage: walls_fall.sh.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/include"
cp -r "$source/src" "$folder/src"
cp -r "$source/include/isobar" "$folder/include/isobar"
mkdir "$folder"/{bench,docs,examples}
cp "$source/docs/TOUR.md" "$folder/docs/"
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
breaks plan timing/machine.h "plan never includes the simulator"
breaks explain isa/instruction.h "explain never includes the simulator"
breaks simt timing/cause.h "simt knows no time"
for computes in isa/soft_float.h isa/integer_ops.h isa/hart/hart.h simt/machine.h simt/engine/integer.h simt/worker.h simt/vectors.h; do
  breaks timing/core "$computes" "timing knows no arithmetic"
done
breaks chip ledger/ledger.h "chip stands below"
breaks device opencl/queue/queue.h "device stands below"
breaks timing report/waterfall.h "timing stands below"
breaks fab plan/plan.h "the order is"
breaks fab report/waterfall.h "the order is"
breaks plan explain/explanation.h "the order is"
breaks plan report/waterfall.h "the order is"
breaks explain report/waterfall.h "the order is"
breaks explain cli/command/commands.h "the order is"
breaks report cli/command/commands.h "the order is"
breaks cli api/chip.h "only src/api includes the public interface"
breaks device isobar/plan.h "only src/api includes the public interface"
breaks api plan/plan.h "only src/api/plan.cpp includes the planner"
breaks ../include/isobar chip/chip.h "public headers include the standard library and each other"
breaks plan/network plan/step/layout.h "plan/network stands below"
breaks plan/kernel plan/calibration/fit.h "plan/kernel stands below"
breaks plan/step plan/plan.h "plan/step stands below"
breaks plan/calibration plan/report/plan_report.h "plan/calibration stands below"

# fails SAYING: the copy as it stands breaks a rule that is not about includes.
fails() {
  if "$source/scripts/check-walls" "$folder" > "$folder/said" 2>&1 || ! grep -qF -- "$1" "$folder/said"; then
    echo "nobody says that $1"
    failed=1
  fi
}
printf '//\n%.0s' {1..601} > "$folder/src/base/long.h"
fails "no source has more than 600 lines"
rm "$folder/src/base/long.h"
mkdir "$folder/src/crowd"
touch "$folder"/src/crowd/{1..26}.h
fails "no folder has more than 25 sources"
rm -r "$folder/src/crowd"
echo '// The table stands in long_gone.h.' > "$folder/src/base/gone.h"
fails "long_gone.h"
rm "$folder/src/base/gone.h"
sed -i 's#`src/plan/plan.h`#`src/plan/plans.h`#' "$folder/docs/TOUR.md"
fails "the tour names what is there"
echo 'See `src/plan/plans.h` and [a page](docs/GONE.md).' > "$folder/README.md"
fails "README.md names src/plan/plans.h"
fails "README.md names ./docs/GONE.md"
exit $failed
