#!/usr/bin/env bash
# libclc 15.0.6 (Debian 12, libclc-15 1:15.0.6-4), the built-in functions of OpenCL C of LLVM, as Mesa's SPIR-V module.
# Guess:    its double functions keep the sign of zero: OpenCL C 3.0, section 7.5.1, asks for the edge cases
#           of C99 (F.9), where sin, tan, atan, expm1 and erf of -0 are -0.
# Behaviour: atan, erf, expm1, sin and tan of -0.0 are +0.0 in double. Elsewhere they are right (-0.5 is compared with
#           the C library).
# The module becomes host code here: llvm-spirv makes LLVM IR of it, its address spaces are dropped, and what it
# leaves to the driver (fma, fabs, isnan, ...) comes from the C library.
# Fails when this changes. Needs Debian 12's apt, a C compiler, no root.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in libclc-15=1:15.0.6-4 llvm-spirv-15=15.0.0-2 libllvmspirvlib15=15.0.0-2 llvm-15=1:15.0.6-4+b1 \
    libllvm15=1:15.0.6-4+b1 libedit2 libz3-4; do
  apt-get -q download "$package" > /dev/null 2>&1
done
for package in *.deb; do dpkg -x "$package" root; done
tool() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu "$@"; }

tool root/usr/bin/llvm-spirv-15 -r root/usr/lib/clc/spirv64-mesa3d-.spv -o library.bc
tool root/usr/lib/llvm-15/bin/llvm-extract --recursive --func=_Z3sind --func=_Z3tand --func=_Z4atand \
  --func=_Z5expm1d --func=_Z3erfd '--rglob=TWO_TO_JBY64_EP|PIBITS_TBL' library.bc -S -o all.ll
{ echo 'target triple = "x86_64-unknown-linux-gnu"'
  sed -E '/^target (triple|datalayout)/d; s/spir_func //g; s/addrspace\([0-9]+\)//g' all.ll; } > host.ll
tool root/usr/lib/llvm-15/bin/llc -relocation-model=pic -filetype=obj host.ll -o library.o

cat > main.c <<'C'
#include <math.h>
#include <stdio.h>
#define LIBRARY(name, mangled) double name##_cl(double) __asm__(mangled);
LIBRARY(sin, "_Z3sind") LIBRARY(tan, "_Z3tand") LIBRARY(atan, "_Z4atand")
LIBRARY(expm1, "_Z5expm1d") LIBRARY(erf, "_Z3erfd")
#define DRIVER(type, name, mangled, parameters, value) \
  type name##_dr parameters __asm__(mangled); type name##_dr parameters { return value; }
DRIVER(double, fabs, "_Z4fabsd", (double x), fabs(x))
DRIVER(double, fma, "_Z3fmaddd", (double x, double y, double z), fma(x, y, z))
DRIVER(double, mad, "_Z3madddd", (double x, double y, double z), x * y + z)
DRIVER(double, fmin, "_Z4fmindd", (double x, double y), fmin(x, y))
DRIVER(double, floor, "_Z5floord", (double x), floor(x))
DRIVER(double, trunc, "_Z5truncd", (double x), trunc(x))
DRIVER(int, isnan, "_Z5isnand", (double x), isnan(x))
DRIVER(int, isinf, "_Z5isinfd", (double x), isinf(x))
DRIVER(int, max, "_Z3maxii", (int x, int y), x > y ? x : y)
DRIVER(int, min, "_Z3minii", (int x, int y), x < y ? x : y)
DRIVER(int, clamp, "_Z5clampiii", (int x, int low, int high), x < low ? low : x > high ? high : x)
#define SHOW(name) printf(#name "(-0.0) = %+.1f, by the C library %+.1f; of -0.5 %s\n", name##_cl(-0.0), name(-0.0), \
  fabs(name##_cl(-0.5) - name(-0.5)) < 1e-14 ? "the same" : "another number");
int main(void) { SHOW(atan) SHOW(erf) SHOW(expm1) SHOW(sin) SHOW(tan) }
C
cc -O1 -fno-builtin main.c library.o -lm -o main
./main | tee said
[[ $(grep -c ' = +0.0, by the C library -0.0; of -0.5 the same' said) == 5 ]] || { echo "changed"; exit 1; }
echo "As described."
