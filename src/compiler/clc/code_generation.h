// From a retargeted module to an object file: the built-ins are linked in, the whole is optimised
// as one program, and code is generated for the harts of the simulated GPU.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Target/TargetMachine.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>

#include "passes/frames.h"

namespace isobar::clc {

// Code generation may still call these when everything else is linked: they are linked in always
// and stay visible until the linker drops what is not called.
inline constexpr std::array kCalledByCodeGeneration{"memcpy", "memset", "memmove", "memcmp"};

/// Sets up LLVM's RISC-V code generator; once per process.
[[nodiscard]] std::unique_ptr<llvm::TargetMachine> make_target_machine();

/// Adds what the module calls of builtins.bc, and of nothing else. Throws UserError naming each
/// function that nobody defines and the line that calls it.
void link_builtins(llvm::Module& module, const std::filesystem::path& builtins);

/// Runs the passes that `choose` makes, knowing the target and no library.
void run_passes(llvm::Module& module, llvm::TargetMachine& machine,
                const std::function<llvm::ModulePassManager(llvm::PassBuilder&)>& choose);

/// Whether the program, or a part that was linked to it, was compiled with -cl-opt-disable. Then
/// the whole of it is left as it is, built-in functions too.
[[nodiscard]] bool is_unoptimised(const llvm::Module& module);

void optimise(llvm::Module& module, llvm::TargetMachine& machine);

/// A relocatable RISC-V object file; the stack that each function needs.
Frames generate_object(llvm::Module& module, llvm::TargetMachine& machine,
                       const std::filesystem::path& output);

}  // namespace isobar::clc
