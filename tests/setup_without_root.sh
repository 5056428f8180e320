#!/bin/bash
# ./isobar on a machine without its packages, as a user who is not root and has no sudo: says which
# packages, why they cannot be installed and what root must type, and ends with exit code 2.
set -euo pipefail
source_root=$(cd "$(dirname "$0")/.." && pwd)
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/checkout/scripts" "$folder/bin"
cp "$source_root/isobar" "$folder/checkout/"
cp "$source_root/scripts/setup.sh" "$folder/checkout/scripts/"
echo 'isobar-no-such-package    # to test what is said' > "$folder/checkout/scripts/packages.txt"
# Everything but sudo.
for tool in bash env dirname id cut mkdir touch tail flock dpkg-query apt-get mktemp; do
  path=$(command -v "$tool") && ln -s "$path" "$folder/bin/$tool"
done
chmod -R a+rwX "$folder"
as=()
if [[ $(id -u) == 0 ]]; then
  command -v setpriv >/dev/null || exit 77
  as=("$(command -v setpriv)" --reuid=65534 --regid=65534 --clear-groups)
fi
code=0
PATH=$folder/bin "${as[@]}" "$(command -v bash)" "$folder/checkout/isobar" info > "$folder/out" 2>&1 || code=$?
cat "$folder/out"
[[ $code == 2 ]] || { echo "exit code $code, expected 2"; exit 1; }
for words in 'isobar-no-such-package .*to test what is said' 'needs root, and there is no sudo' \
             'apt-get install --no-install-recommends isobar-no-such-package'; do
  grep -Eq -- "$words" "$folder/out" || { echo "not said: $words"; exit 1; }
done
