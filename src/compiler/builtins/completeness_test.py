#!/usr/bin/env python3
"""Is every function that OpenCL C declares, and that we claim, in the library?

    completeness_test.py --builtins FILE --clang PATH --nm PATH

The list comes from clang's own opencl-c.h: each prototype is made a definition, clang mangles its
name, and the name without its address spaces must be defined in builtins.bc. What we do not claim is
named below with the reason; anything else that is missing fails the test.
"""
import argparse
import collections
import re
import subprocess
import sys

# Extensions and features that the device does not report.
UNCLAIMED = {
    r"image|sampler": "images",
    r"pipe|reserve_id": "pipes",
    r"clk_event|queue_t|ndrange": "device-side enqueue",
    r"clock_read": "cl_khr_kernel_clock",
    r"atomic_half": "float atomics on half",
    r"sub_group_clustered": "cl_khr_subgroup_clustered_reduce",
    r"sub_group_non_uniform_(reduce|scan)": "cl_khr_subgroup_non_uniform_arithmetic",
    r"printf": "expanded by the compiler",
}


# Vendors' own extensions are left out at once.
EXTENSIONS = ("-cl-ext=+all,-cl_intel_subgroups,-cl_intel_subgroups_short,-cl_amd_media_ops,"
              "-cl_amd_media_ops2,-cl_intel_device_side_avc_motion_estimation")


def prototypes(clang):
    text = subprocess.run(
        [clang, "-E", "-P", "-x", "cl", "-cl-std=CL3.0", "--target=spir64-unknown-unknown",
         "-cl-no-stdinc", "-Xclang", EXTENSIONS, "-include", "opencl-c.h", "/dev/null"],
        check=True, text=True, stdout=subprocess.PIPE).stdout
    lines, skipped, seen = [], collections.Counter(), set()
    same = {"uintptr_t": "ulong", "intptr_t": "long", "ptrdiff_t": "long", "size_t": "ulong"}
    # A prototype may span lines.
    text = re.sub(r"(?<=,)\n\s+", " ", text)
    for line in text.splitlines():
        reason = next((why for pattern, why in UNCLAIMED.items()
                       if "overloadable" in line and re.search(pattern, line)), None)
        if reason:
            skipped[reason] += 1
        elif "overloadable" in line and line.rstrip().endswith(");"):
            # The header declares some twice under two names of one type.
            plain = re.sub(r"\b(atomic_)?(u?intptr_t|ptrdiff_t|size_t)\b",
                           lambda m: (m.group(1) or "") + same[m.group(2)], line)
            if plain in seen:
                continue
            seen.add(plain)
            lines.append(line.rstrip()[:-1] + " { __builtin_unreachable(); }")
        elif re.search(r"image|sampler", line) and line.startswith("typedef"):
            pass
        else:
            lines.append(line)
    return "\n".join(lines), skipped


def names(nm, path, *flags):
    output = subprocess.run([nm, *flags, path], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return {re.sub(r"U3AS\d", "", line.split()[-1]) for line in output.splitlines() if line.strip()}


def main():
    parser = argparse.ArgumentParser()
    for option in ("builtins", "clang", "nm", "work"):
        parser.add_argument("--" + option, required=True)
    arguments = parser.parse_args()
    text, skipped = prototypes(arguments.clang)
    source, bitcode = arguments.work + "/prototypes.cl", arguments.work + "/prototypes.bc"
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([arguments.clang, "-x", "cl", "-cl-std=CL3.0", "--target=spir64-unknown-unknown",
                    "-cl-no-stdinc", "-Xclang", EXTENSIONS, "-w", "-O0", "-emit-llvm", "-c",
                    source, "-o", bitcode], check=True)
    declared = names(arguments.nm, bitcode, "--defined-only")
    defined = names(arguments.nm, arguments.builtins, "--defined-only")
    undefined = names(arguments.nm, arguments.builtins, "-u")
    missing = sorted(declared - defined)
    print(f"{len(declared)} functions declared and claimed, {len(missing)} missing, "
          f"{len(undefined)} undefined in the library")
    for reason, count in sorted(skipped.items()):
        print(f"  not claimed: {count} prototypes of {reason}")
    for name in missing + sorted(undefined):
        print(" ", name)
    sys.exit(bool(missing or undefined or len(declared) < 10000))


if __name__ == "__main__":
    main()
