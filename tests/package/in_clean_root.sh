#!/bin/bash
# Inside mount and process namespaces of its own: installs the package into the clean root, and works
# there as its first user would. Called by debian_package.sh.
# Usage: in_clean_root.sh ROOT DEB [compile]
set -euo pipefail
root=$1; deb=$2; compile=${3-}
fail() { echo "$*"; exit 1; }
mount --bind /usr "$root/host/usr"
mount -o remount,bind,ro "$root/host/usr" 2> /dev/null || true
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

# dpkg itself says whether the dependencies are there; its scripts and triggers run in the root.
dpkg --root="$root" --log=/dev/null -i "$deb" > "$root/tmp/log" 2>&1 || fail "dpkg -i: $(cat "$root/tmp/log")"
chroot "$root" ldconfig
[[ $(dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}' isobar) == installed ]] || fail "dpkg does not call it installed"

user() { # one line of the user's shell
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin LC_ALL=C.UTF-8 sh -c "cd /tmp && $1" \
    > "$root/tmp/out" 2>&1 || fail "$1: exit code $?: $(cat "$root/tmp/out")"
}
shows() { grep -qE "$1" "$root/tmp/out" || fail "no \"$1\" in: $(cat "$root/tmp/out")"; }

user 'isobar --version'; shows '^isobar [0-9]+\.[0-9]+\.[0-9]+'
user 'clinfo -l'; shows 'Platform.*Isobar'; shows 'Device.*isobar-nano'
user 'clinfo'; shows 'Device Name +isobar-nano'; shows 'OpenCL 3.0'
user 'isobar info'; shows 'Isobar / isobar-nano'; shows '/usr/share/isobar'
# On the text that comes with it, where it does. In short, fewer batches are validated.
if [[ -f $root/usr/share/isobar/corpora/moby-dick.txt ]]; then data=; else
  seq 1 4000 > "$root/tmp/text"; data='--data text'
fi
[[ -n $compile ]] || { data+=' --model nano.toml'
  sed 's/^evaluate_batches.*/evaluate_batches = 1/' "$root/usr/share/isobar/models/gpt-nano.toml" > "$root/tmp/nano.toml"; }
user "isobar train --steps 5 --no-sample --fidelity functional $data"; shows 'MFU'
user 'isobar chip h100 && isobar plan -m gpt2 -c h100 -n 8 --batch 64'; shows 'MFU'
user 'isobar run --fidelity timed -- isobar bench timing-rtl-client --only vecadd:32'; shows 'vx_vecadd'
if [[ -n $compile ]]; then
  user '/package/use_api.sh /usr/share/doc/isobar/examples /package/cuda.json /tmp/work'
else
  user 'for e in launch_kernel "explain_trace /package/cuda.json" "plan_run llama-3-8b h100 64"; do /package/$e || exit; done'
  shows 'cycles'; shows 'MFU'; shows 'days'
fi
# And it goes as it came.
dpkg --root="$root" --log=/dev/null --purge isobar > "$root/tmp/log" 2>&1 || fail "dpkg --purge: $(cat "$root/tmp/log")"
left=$(find "$root/usr" "$root/etc" -iname '*isobar*' -not -path "*/host/*")
[[ -z $left ]] || fail "left behind by dpkg --purge: $left"
