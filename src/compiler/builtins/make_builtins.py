#!/usr/bin/env python3
"""Builds libexec/isobar/builtins.bc, the OpenCL C built-in functions as RISC-V bitcode.

    make_builtins.py --source DIR --work DIR --output FILE --libclc SPV --tools NAME=PATH ...

Ours (the .cl files beside this script) comes first; of libclc only what ours still calls is added.
Both go through the same retargeting, done here on the text of the IR, because there is no user
code in it: one address space, no SPIR calling convention, and names without address spaces:
_Z5fractfPU3AS4f becomes _Z5fractfPf. A kernel's module must be renamed by the same rule
(delete every U3AS<n> from an Itanium name) before it is linked against this library.
"""
import argparse
import pathlib
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

TRIPLE = "riscv64-unknown-unknown-elf"
LAYOUT = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
FRONT_END = ["-x", "cl", "-cl-std=CL3.0", "--target=spir64-unknown-unknown", "-cl-no-stdinc",
             "-Xclang", "-cl-ext=+all", "-O2", "-Xclang", "-disable-llvm-passes", "-Werror", "-Wno-atomic-alignment", "-emit-llvm", "-c"]
# Enough to shrink the library; inlining is left to the kernel that is compiled against it.
CLEAN_UP = ("function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg),"
            "cgscc(function-attrs),strip-dead-prototypes")

# Functions of libclc that lose the sign of zero, by the letter of their type.
ANGLES = ("sinpi", "cospi", "tanpi")
WRONG_ZERO = {"f": ANGLES, "d": (*ANGLES, "sin", "tan", "atan", "atanpi", "expm1", "erf")}


def retarget(text):
    text = re.sub(r"^target triple = .*$", f'target triple = "{TRIPLE}"', text, flags=re.M)
    text = re.sub(r"^target datalayout = .*$", f'target datalayout = "{LAYOUT}"', text, flags=re.M)
    text = text.replace("spir_func ", "")
    text = re.sub(r" ?addrspace\(\d\)", "", text)
    text = re.sub(r"addrspacecast ptr (\S+) to ptr", r"bitcast ptr \1 to ptr", text)
    text = text.replace('target("spirv.Event")', "ptr")
    text = re.sub(r"@_Z\w+", lambda name: re.sub(r"U3AS\d", "", name.group()), text)
    # The user's module says what language this is and how it is built.
    text = re.sub(r"^!(opencl\.\S+|spirv\.\S+|llvm\.ident|llvm\.module\.flags) = .*\n", "", text, flags=re.M)
    text = text.replace(' "frame-pointer"="all"', "")
    # libclc forbids inlining everywhere; whether it pays is for the kernel's compilation to judge.
    text = re.sub(r"^(attributes #\d+ = \{ )noinline (nounwind \})", r"\1\2", text, flags=re.M)
    # What neither reads nor writes memory cannot be a cross-lane operation: let it move freely.
    return re.sub(r"^(attributes #\d+ = \{.*)convergent (.*memory\(none\).*)$", r"\1\2", text,
                  flags=re.M)


def main():
    parser = argparse.ArgumentParser()
    for option in ("source", "work", "output", "libclc"):
        parser.add_argument("--" + option, required=True, type=pathlib.Path)
    parser.add_argument("--tools", nargs="+", required=True)
    arguments = parser.parse_args()
    tools = dict(pair.split("=", 1) for pair in arguments.tools)
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)

    def run(tool, *parameters):
        result = subprocess.run([tools[tool], *map(str, parameters)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode:
            raise SystemExit(f"{tool} {' '.join(map(str, parameters))}\n{result.stdout}")

    def compile_source(source):
        output = work / (source.stem + ".bc")
        # memcpy must not become a call of memcpy.
        own = ["-fno-builtin"] if source.stem == "memory" else []
        run("clang", *FRONT_END, *own, "-I", arguments.source, source, "-o", output)
        return output

    def as_text(bitcode):
        text = bitcode.with_suffix(".ll")
        run("llvm-dis", bitcode, "-o", text)
        return text.read_text()

    def as_bitcode(name, text):
        (work / f"{name}.ll").write_text(text)
        run("llvm-as", work / f"{name}.ll", "-o", work / f"{name}.bc")
        return work / f"{name}.bc"

    # Ours.
    sources = sorted(arguments.source.rglob("*.cl"), key=lambda path: path.name)
    with ThreadPoolExecutor(2) as pool:
        modules = list(pool.map(compile_source, sources))
    (work / "directed.ll").write_text(
        subprocess.run(["python3", arguments.source / "make_directed.py"], check=True, text=True,
                       stdout=subprocess.PIPE).stdout)
    run("llvm-link", *modules, work / "directed.ll", arguments.source / "group_table.ll",
        "-o", work / "ours_spir.bc")
    ours = as_bitcode("ours", retarget(as_text(work / "ours_spir.bc")))

    # libclc: its overloads for named address spaces would collide with the private ones.
    run("llvm-spirv", "-r", arguments.libclc, "-o", work / "libclc_all.bc")
    run("llvm-extract", "--delete", "--rfunc", ".*U3AS[1-9].*", work / "libclc_all.bc",
        "-o", work / "libclc_spir.bc")
    # math_zero.cl calls some of them by another name: see there.
    text = re.sub(r"@_Z\d+([a-z]\w*?)([fd])\(",
                  lambda name: f"@_Z{len(name[1]) + 11}isobar_clc_{name[1]}{name[2]}("
                  if name[1] in WRONG_ZERO[name[2]] else name[0],
                  retarget(as_text(work / "libclc_spir.bc")))
    libclc = as_bitcode("libclc", text)

    run("llvm-link", "--only-needed", ours, libclc, "-o", work / "linked.bc")
    temporary = arguments.output.with_suffix(".new")
    run("opt", f"-passes={CLEAN_UP}", work / "linked.bc", "-o", temporary)
    undefined = subprocess.run([tools["llvm-nm"], "-u", temporary], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.strip()
    if undefined:
        raise SystemExit(f"{arguments.output}: still undefined:\n{undefined}")
    temporary.replace(arguments.output)


if __name__ == "__main__":
    main()
