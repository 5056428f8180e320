#include "fold_offsets.h"

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/NaryReassociate.h>
#include <llvm/Transforms/Scalar/SeparateConstOffsetFromGEP.h>
#include <llvm/Transforms/Scalar/StraightLineStrengthReduce.h>

#include <utility>

#include "../code_generation.h"

namespace isobar::clc {

void fold_offsets(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::FunctionPassManager passes;
  // Constants last; then what is alike is computed once, in the order of LLVM's own GPU targets.
  passes.addPass(llvm::SeparateConstOffsetFromGEPPass());
  passes.addPass(llvm::StraightLineStrengthReducePass());
  passes.addPass(llvm::GVNPass());
  passes.addPass(llvm::NaryReassociatePass());
  passes.addPass(llvm::EarlyCSEPass());
  llvm::ModulePassManager all;
  all.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
  run_passes(module, machine, [&](llvm::PassBuilder&) { return std::move(all); });
}

}  // namespace isobar::clc
