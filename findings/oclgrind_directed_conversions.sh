#!/usr/bin/env bash
# Oclgrind 21.10 (Debian 12, oclgrind 21.10-3), a simulator of OpenCL devices that looks for memory errors.
# Guess:    its convert_int_rtn rounds towards minus infinity and convert_int_rtp towards plus infinity, as
#           OpenCL C 1.2, section 6.2.3.2, defines the two modes.
# Behaviour: both go by the magnitude. Of -2.5 rtn makes -2 (it should be -3) and rtp makes -3 (it should
#           be -2); rtp(-0.25) is -1. Positive numbers are right. There is no warning, so a kernel that
#           works with floor-like indices gets neighbours that no device would read.
# Fails when this changes. Needs Debian 12's apt, no root.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in oclgrind=21.10-3 liboclgrind-21.10=21.10-3 libllvm14=1:14.0.6-12 libedit2 libz3-4 libreadline8; do
  apt-get -q download "$package" > /dev/null 2>&1
done
for package in *.deb; do dpkg -x "$package" root; done

cat > convert.cl <<'C'
kernel void convert(global const float* in, global int* down, global int* up) {
  size_t i = get_global_id(0);
  down[i] = convert_int_rtn(in[i]);
  up[i] = convert_int_rtp(in[i]);
}
C
printf '%s\n' convert.cl convert '4 1 1' '1 1 1' '<size=16 float>' '-2.5 -0.25 0.25 2.5' \
  '<size=16 int fill=0 dump>' '<size=16 int fill=0 dump>' > convert.sim
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/oclgrind-kernel convert.sim | tee said
seen=$(sed -n 's/.*= //p' said | paste -sd' ')
[[ $seen == "-2 0 0 2 -3 -1 1 3" ]] || { echo "changed: $seen"; exit 1; }
echo "As described: towards minus infinity would be -3 -1 0 2, towards plus infinity -2 0 1 3."
