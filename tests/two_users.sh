#!/bin/bash
# Two users on one machine: what one puts where the other's cache or temporary files would be is not
# read by the other. Each place gets an OpenCL driver that leaves a mark when it is loaded, in the
# folder that a run of this build makes for itself. Usage: two_users.sh BUILD. 77: not root.
set -euo pipefail
[[ $(id -u) == 0 ]] && command -v setpriv >/dev/null && command -v cc >/dev/null || exit 77
isobar=$(cd "$1" && pwd)/bin/isobar
[[ -x $isobar ]] || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
mkdir -m 1777 "$folder/shared" "$folder/marks"
attacker=65534 victim=12345
# As the other user may not pass the folders above the checkout, there is nothing to show.
as() { local user=$1; shift; setpriv --reuid="$user" --regid="$user" --clear-groups env -i PATH="$PATH" "$@"; }
as $victim test -x "$isobar" || exit 77

cat > "$folder/evil.c" <<C
#include <fcntl.h>
__attribute__((constructor)) static void loaded(void) { open("$folder/marks/loaded", O_CREAT | O_WRONLY, 0666); }
C
cc -shared -fPIC -o "$folder/evil.so" "$folder/evil.c"

fail() { echo "$*"; exit 1; }
unmarked() { [[ ! -e $folder/marks/loaded ]] || fail "$1: the other user's library was loaded"; }

# The folders that a run makes in a cache, and that the mark works.
mkdir "$folder/own" && chown $attacker "$folder/own"
as $attacker HOME="$folder/own" TMPDIR="$folder/shared" "$isobar" info > "$folder/out" 2>&1 || fail "$(cat "$folder/out")"
made=$(cd "$folder/own/.cache/isobar" && echo opencl-vendors-*)
[[ -d $folder/own/.cache/isobar/$made ]] || fail "no folder of drivers was made: $made"
mkdir "$folder/vendors" && echo "$folder/evil.so" > "$folder/vendors/evil.icd"
as $victim HOME="$folder/own" OCL_ICD_VENDORS="$folder/vendors/" "$isobar" info > /dev/null 2>&1 || true
[[ -e $folder/marks/loaded ]] || fail "the mark is not left when the library is loaded: this test shows nothing"
rm "$folder/marks/loaded"

chmod -R a+rX "$folder/own"
plant() {  # the attacker's cache at a place where the victim looks
  as $attacker mkdir -p "$1/$made"
  as $attacker sh -c "cp '$folder/own/.cache/isobar/$made'/* '$1/$made/' && echo $folder/evil.so > '$1/$made/evil.icd'"
}

# 1. A predictable name in the temporary folder, which a user without a home once used.
plant "$folder/shared/isobar-$victim"
as $victim TMPDIR="$folder/shared" "$isobar" info > "$folder/out" 2>&1 || fail "$(cat "$folder/out")"
unmarked "without HOME"

# 2. One XDG_CACHE_HOME for both: refused by name, said once, and the work is done.
plant "$folder/shared/isobar"
as $victim TMPDIR="$folder/shared" XDG_CACHE_HOME="$folder/shared" \
  "$isobar" run -- "$isobar" bench timing-rtl-client --only vecadd:32 > "$folder/out" 2>&1 || fail "$(cat "$folder/out")"
unmarked "a shared XDG_CACHE_HOME"
[[ $(grep -c "shared/isobar: not used: it belongs to user $attacker" "$folder/out") == 1 ]] ||
  fail "not said once: $(cat "$folder/out")"

# 3. A link that the other user made to a folder of the victim's own.
rm -rf "$folder/shared/isobar"
mkdir "$folder/mine" && chown $victim "$folder/mine"
as $attacker ln -s "$folder/mine" "$folder/shared/isobar"
as $victim TMPDIR="$folder/shared" XDG_CACHE_HOME="$folder/shared" "$isobar" info > "$folder/out" 2>&1 || fail "$(cat "$folder/out")"
grep -q "is a link that user $attacker made" "$folder/out" || fail "the link was followed: $(cat "$folder/out")"
[[ -z $(ls "$folder/mine") ]] || fail "written through the other user's link"

# 4. The other way round nothing of the victim's is left for others to see.
mkdir "$folder/victim" && chown $victim "$folder/victim"
as $victim HOME="$folder/victim" TMPDIR="$folder/shared" "$isobar" info > /dev/null
[[ $(stat -c %a "$folder/victim/.cache/isobar") == 700 ]] || fail "the cache can be read by others"
# PoCL, which `info` asks for its devices, has a cache of its own there.
left_over=$(find "$folder/shared" -user $victim -not -path "$folder/shared/pocl*")
[[ -z $left_over ]] || fail "left over: $left_over"
echo "nothing was read across"
