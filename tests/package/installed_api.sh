#!/bin/bash
# What `cmake --install` gives a programmer: the examples, built against the installed tree alone in both
# ways, print what the command prints; before and after the tree was moved; and the library exports
# what it is meant to and nothing else.
# Usage: installed_api.sh BUILD [--approve]   (--approve writes the list of exported symbols)
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
[[ -x $build/bin/isobar ]] || exit 77
for tool in cmake pkg-config c++ python3; do
  command -v $tool > /dev/null || { echo "no $tool here"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder/home; unset XDG_CACHE_HOME ISOBAR_CORPORA OCL_ICD_VENDORS; mkdir "$HOME"
fail() { echo "$*"; exit 1; }
cmake --install "$build" --prefix "$folder/prefix" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }

# Names and versions of the C++ runtime's own types are in the mangled names, so these are demangled.
libdir=$(dirname "$(find "$folder/prefix" -name libisobar.so)")
nm -D --defined-only "$libdir/libisobar.so" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | c++filt | sort -u > "$folder/symbols"
approved=$source/src/api/exported_symbols.txt
[[ ${2-} != --approve ]] || { cp "$folder/symbols" "$approved"; exit 0; }
diff "$approved" "$folder/symbols" ||
  fail "the binary interface has changed: docs/RELEASE.md says what that means; approve with $0 BUILD --approve"

# Nothing in the tree names the build or the sources.
! grep -rlF -e "$build/" -e "$source/" "$folder/prefix" > "$folder/log" ||
  fail "these name the build tree: $(cat "$folder/log")"

# Moved first: what works here works where it was installed, too.
mv "$folder/prefix" "$folder/moved"
libdir=$folder/moved${libdir#"$folder/prefix"}
export PATH=$folder/moved/bin:$PATH CMAKE_PREFIX_PATH=$folder/moved LD_LIBRARY_PATH=$libdir
export PKG_CONFIG_PATH=$libdir/pkgconfig
mkdir "$folder/work"
"$source/tests/package/use_api.sh" "$folder/moved/share/doc/isobar/examples" \
  "$source/src/explain/samples/cuda.json" "$folder/work"

for page in "$folder"/moved/share/man/man1/isobar.1.gz; do gzip -t "$page" || fail "$page"; done
bash -n "$folder/moved/share/bash-completion/completions/isobar" || fail "bash completion"
echo "an installation can be programmed against"
