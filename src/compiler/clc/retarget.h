// Turns a module that clang's front end made for SPIR into one for the simulated RISC-V GPU: one
// flat address space, C calling convention, built-in functions by their names without address
// spaces. Definitions keep their names, so that two overloads of the user's that differ in the
// address space alone stay apart.
#pragma once

#include <llvm/IR/Module.h>

namespace isobar::clc {

inline constexpr char kTriple[] = "riscv64-unknown-unknown-elf";
inline constexpr char kDataLayout[] = "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128";

/// What the rest of the compiler must still know of the address spaces.
inline constexpr char kLocalAttribute[] = "isobar-local";          // on __local variables
inline constexpr char kProgramScopeAttribute[] = "isobar-global";  // on __global variables

void retarget(llvm::Module& module);

}  // namespace isobar::clc
