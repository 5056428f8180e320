// Addresses in few registers: what a GPU's compiler does between optimisation and selection of
// instructions.
//
// Unrolled loops leave one address per load, each "base + index + constant"; hoisted out of the
// loop around, each holds one of 31 registers, and the rest are spilled to the stacks of all lanes.
// Here the constants come last, so that addresses share one register and the constant becomes the
// offset of the load or store.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

namespace isobar::clc {

/// After optimisation and once every variable has its address.
void fold_offsets(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace isobar::clc
