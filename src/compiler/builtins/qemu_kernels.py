#!/usr/bin/env python3
"""Makes a Linux RISC-V program of OpenCL C kernels and builtins.bc, for qemu-riscv64.

    qemu_kernels.py --source FILE.cl --output FILE.elf --builtins FILE.bc --work DIR --tools ...

The built-in functions are so tested by themselves, on a machine that is not ours; qemu_guest.c is
the program around the kernels and replaces the work-item functions it needs.
"""
import argparse
import pathlib
import re
import subprocess

from make_builtins import retarget

# Debian 12's qemu has no Zicond; everything else as in the real target.
CODE = ["--target=riscv64-unknown-elf", "-march=rv64imafd_zfh_zba_zbb_zbs", "-mabi=lp64d",
        "-mcmodel=medany", "-msmall-data-limit=0", "-mllvm", "-disable-block-placement", "-O2", "-w"]


def main():
    parser = argparse.ArgumentParser()
    for option in ("source", "output", "builtins", "work"):
        parser.add_argument("--" + option, required=True, type=pathlib.Path)
    parser.add_argument("--tools", nargs="+", required=True)
    arguments = parser.parse_args()
    tools = dict(pair.split("=", 1) for pair in arguments.tools)
    work = arguments.work

    def run(tool, *parameters):
        subprocess.run([tools[tool], *map(str, parameters)], check=True)

    run("clang", "-x", "cl", "-cl-std=CL3.0", "--target=spir64-unknown-unknown", "-O2", "-Xclang",
        "-disable-llvm-passes", "-Xclang", "-cl-ext=+all", "-emit-llvm", "-S", arguments.source,
        "-o", work / "kernels_spir.ll")
    text = retarget((work / "kernels_spir.ll").read_text().replace("spir_kernel ", ""))
    (work / "kernels.ll").write_text(text)
    run("llvm-extract", "--delete", "--func=_Z13get_global_idj", "--func=_Z15get_global_sizej",
        arguments.builtins, "-o", work / "builtins.bc")
    # Code generation may call memcpy and memset after linking, so they are asked for now.
    (work / "needed.ll").write_text("declare ptr @memcpy(ptr, ptr, i64)\n"
                                    "declare ptr @memset(ptr, i32, i64)\n")
    run("llvm-link", "--only-needed", work / "kernels.ll", work / "needed.ll", work / "builtins.bc",
        "-o", work / "kernels.bc")
    run("clang", *CODE, "-x", "ir", "-c", work / "kernels.bc", "-o", work / "kernels.o")
    names = re.findall(r"__kernel void (\w+)", arguments.source.read_text())
    table = "struct Entry { const char* name; void (*kernel)(); };\n"
    table += "".join(f"void {name}();\n" for name in names) + "struct Entry kernels[] = {\n"
    table += "".join(f'  {{"{name}", {name}}},\n' for name in names) + "  {0, 0}};\n"
    (work / "table.c").write_text(table)
    guest = pathlib.Path(__file__).parent / "testing" / "qemu_guest.c"
    for source in (work / "table.c", guest):
        run("clang", *CODE, "-std=gnu11", "-ffreestanding", "-c", source, "-o",
            work / (source.stem + ".o"))
    run("lld", work / "kernels.o", work / "table.o", work / "qemu_guest.o", "-o", arguments.output)


if __name__ == "__main__":
    main()
