#include "traps.h"

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>

namespace isobar::clc {
namespace {

constexpr int kMostBlocksBack = 16;  // far enough for a line, and not round a loop for ever

/// The line of what runs before: in the block, in one that leads to it, or the function's own.
llvm::DebugLoc location_of(const llvm::BasicBlock& block) {
  const llvm::BasicBlock* at = &block;
  for (int i = 0; i < kMostBlocksBack && at != nullptr; ++i, at = at->getUniquePredecessor())
    for (const llvm::Instruction& instruction : llvm::reverse(*at))
      if (const llvm::DebugLoc& place = instruction.getDebugLoc(); place && place.getLine() != 0)
        return place;
  const llvm::Function& function = *block.getParent();
  llvm::DISubprogram* subprogram = function.getSubprogram();
  if (subprogram == nullptr) return {};
  return llvm::DILocation::get(function.getContext(), subprogram->getLine(), 0, subprogram);
}

}  // namespace

void place_traps(llvm::Module& module) {
  for (llvm::Function& function : module)
    for (llvm::BasicBlock& block : function) {
      llvm::Instruction* end = block.getTerminator();
      if (!llvm::isa<llvm::UnreachableInst>(end)) continue;
      if (!end->getDebugLoc() || end->getDebugLoc().getLine() == 0)
        end->setDebugLoc(location_of(block));
    }
  llvm::LLVMContext& context = module.getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
  llvm::Function* last =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, "isobar.end", module);
  last->setSection(kLastSection);
  last->addFnAttr(llvm::Attribute::NoUnwind);
  new llvm::UnreachableInst(context, llvm::BasicBlock::Create(context, "", last));
}

}  // namespace isobar::clc
