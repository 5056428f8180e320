#!/usr/bin/env python3
"""Writes LLVM IR for conversions with a rounding mode of their own: one fcvt instruction each.

The OpenCL front end (spir64) knows no floating-point registers in inline assembly, so these few
functions are made as IR. They are called isobar_RESULT_from_OPERAND_MODE, with h s d for half,
float and double and l lu for 64-bit integers. A narrower integer is widened by the caller.
Reference: RISC-V ISA Manual, Volume I, chapters F, D and Zfh; OpenCL C 3.0, section 6.4.
"""
FLOATS = {"h": "half", "s": "float", "d": "double"}
INTEGERS = {"l": "i64", "lu": "i64"}
MODES = {"rte": "rne", "rtz": "rtz", "rtp": "rup", "rtn": "rdn"}


def emit(result, operand, mode):
    types = FLOATS | INTEGERS
    constraint = {True: "f", False: "r"}
    assembly = f"fcvt.{result}.{operand} $0, $1, {MODES[mode]}"
    registers = f"={constraint[result in FLOATS]},{constraint[operand in FLOATS]}"
    print(f"define {types[result]} @isobar_{result}_from_{operand}_{mode}({types[operand]} %x) #0 {{")
    print(f'  %r = call {types[result]} asm "{assembly}", "{registers}"({types[operand]} %x) #1')
    print(f"  ret {types[result]} %r\n}}")


for mode in MODES:
    for wide, narrow in (("s", "h"), ("d", "h"), ("d", "s")):
        emit(narrow, wide, mode)
    for real in FLOATS:
        for integer in INTEGERS:
            emit(real, integer, mode)
            emit(integer, real, mode)
print("attributes #0 = { alwaysinline nounwind willreturn memory(none) }")
print("attributes #1 = { nounwind willreturn memory(none) }")
