#!/usr/bin/env bash
# Oclgrind 21.10 (Debian 12, oclgrind 21.10-3), a simulator of OpenCL devices that looks for memory errors.
# Guess:    isnormal of a subnormal number is 0, as C99 (7.12.3.5) and OpenCL C 1.2, section 6.12.6, have it.
# Behaviour: it is 1. Zero gives 0, infinity 0, so the test seems to be one for "finite and not zero". A
#           kernel that counts subnormal values (loss scaling in half precision is chosen by such counts)
#           finds none on it.
# Fails when this changes. Needs Debian 12's apt, no root.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in oclgrind=21.10-3 liboclgrind-21.10=21.10-3 libllvm14=1:14.0.6-12 libedit2 libz3-4 libreadline8; do
  apt-get -q download "$package" > /dev/null 2>&1
done
for package in *.deb; do dpkg -x "$package" root; done

cat > normal.cl <<'C'
kernel void normal(global const uint* bits, global int* normal, global int* kept) {
  size_t i = get_global_id(0);
  float value = as_float(bits[i]);
  normal[i] = isnormal(value);
  kept[i] = as_uint(value * 1.0f) == bits[i];
}
C
# 1.0, the smallest normal number, the largest subnormal one, the smallest subnormal one, 0, infinity.
printf '%s\n' normal.cl normal '6 1 1' '1 1 1' '<size=24 uint>' '1065353216 8388608 8388607 1 0 2139095040' \
  '<size=24 int fill=0 dump>' '<size=24 int fill=0 dump>' > normal.sim
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/oclgrind-kernel normal.sim | tee said
seen=$(sed -n 's/.*= //p' said | paste -sd' ')
echo "$seen"
[[ $seen == "1 1 1 1 0 0 1 1 1 1 1 1" ]] || { echo "changed: $seen"; exit 1; }
echo "As described: the third and the fourth value are subnormal (and are not flushed: the second row)."
