#!/bin/bash
# The Debian package: built by cpack, looked into, installed by dpkg into a root that has its declared
# dependencies and nothing else, and used there (docs/RELEASE.md says what that proves and what not). The
# examples are compiled against the unpacked package; with ISOBAR_LONG they are compiled in the root, too.
# Usage: debian_package.sh BUILD
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
long=${ISOBAR_LONG:+compile}
[[ -x $build/bin/isobar && -f $build/CPackConfig.cmake ]] || exit 77
for tool in cpack dpkg-deb dpkg-shlibdeps g++ python3 unshare; do
  command -v $tool > /dev/null || { echo "no $tool here"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*"; exit 1; }

cpack --config "$build/CPackConfig.cmake" -B "$folder/cpack" > "$folder/log" 2>&1 || fail "cpack: $(cat "$folder/log")"
deb=$(echo "$folder"/cpack/*.deb)
version=$("$build/bin/isobar" --version | cut -d' ' -f2)
[[ $(basename "$deb") == "isobar_${version}_$(dpkg --print-architecture).deb" ]] || fail "its name: $deb"

# [1] What it says of itself. clang-19 and lld-19 are run, which no tool finds.
depends=$(dpkg-deb -f "$deb" Depends)
for package in clang-19 lld-19 libc6 libllvm19 ocl-icd-libopencl1; do
  [[ ", $depends" == *", $package"* ]] || fail "it does not depend on $package: $depends"
done
dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./conffiles | grep -qx /etc/OpenCL/vendors/isobar.icd || fail "conffiles"

# [2] What is in it: at Debian's places, owned by root, and with no word of where it was built.
dpkg-deb -c "$deb" > "$folder/list"
! awk '$2 != "root/root"' "$folder/list" | grep . || fail "not root's (above)"
! awk '{print $6}' "$folder/list" | grep -vE '^\./(usr/((bin|lib|libexec|include|share)/.*)?|etc/(OpenCL/(vendors/(isobar\.icd)?)?)?)?$' || fail "not where Debian has it (above)"
for file in usr/bin/isobar usr/lib/libisobar.so usr/lib/libisobar-opencl.so usr/include/isobar/isobar.h \
            usr/lib/cmake/isobar/isobar-config.cmake usr/lib/pkgconfig/isobar.pc usr/share/isobar/chips/isobar-nano.toml \
            usr/share/isobar/models/gpt-nano.toml usr/share/isobar/kernels/generation.cl \
            usr/share/man/man1/isobar.1.gz usr/share/bash-completion/completions/isobar \
            usr/share/zsh/vendor-completions/_isobar usr/share/fish/vendor_completions.d/isobar.fish \
            usr/share/doc/isobar/copyright usr/share/doc/isobar/changelog.gz usr/share/doc/isobar/examples/plan_run.cpp; do
  grep -q " \./$file\( ->.*\)\?$" "$folder/list" || fail "$file is not in it"
done
[[ ! -d $source/build/corpora ]] || grep -q 'corpora/moby-dick.txt' "$folder/list" || fail "the corpora are not in it"
dpkg-deb -x "$deb" "$folder/unpacked"
! grep -rlF -e "$build/" -e "$source/" -e _CPack_Packages "$folder/unpacked" || fail "these name the build tree (above)"

# [3] The examples, against the unpacked package.
mkdir -p "$folder/root/package" "$folder/root/tmp/work"
export PKG_CONFIG_PATH=$folder/unpacked/usr/lib/pkgconfig
read -ra flags < <(pkg-config --cflags --libs isobar)
for example in launch_kernel explain_trace plan_run; do
  g++ -std=c++20 "$folder/unpacked/usr/share/doc/isobar/examples/$example.cpp" "${flags[@]}" -o "$folder/root/package/$example"
done
cp "$here"/{use_api.sh,expected.py,scale_add.c} "$source/src/explain/samples/cuda.json" "$folder/root/package"

# [4] Installed and used where nothing else is.
namespaces=(unshare --mount --pid --fork)
[[ $(id -u) == 0 ]] || namespaces+=(--map-root-user)
"${namespaces[@]}" true 2> /dev/null || { echo "the package is right as far as it can be seen; no namespaces here to install it in"; exit 77; }
"$here/clean_root.py" "$folder/root" "$depends" clinfo \
  ${long:+g++ cmake make pkg-config python3 opencl-c-headers ocl-icd-opencl-dev} || exit $?
"${namespaces[@]}" "$here/in_clean_root.sh" "$folder/root" "$deb" $long
echo "the package can be installed, used and removed${long:+, and programmed against}"
