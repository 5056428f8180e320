#include "verify.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <string>

#include "base/error.h"

namespace isobar::clc {
namespace {

/// Constants are shared, and a global variable's value is counted where it is initialised.
class PoisonCounter {
 public:
  std::size_t in(const llvm::Value* value) {
    const auto* constant = llvm::dyn_cast<llvm::Constant>(value);
    if (constant == nullptr || llvm::isa<llvm::GlobalValue>(constant)) return 0;
    if (llvm::isa<llvm::PoisonValue>(constant)) return 1;
    if (constant->getNumOperands() == 0) return 0;
    if (const auto found = known_.find(constant); found != known_.end()) return found->second;
    std::size_t count = 0;
    for (const llvm::Use& operand : constant->operands()) count += in(operand.get());
    known_[constant] = count;
    return count;
  }

 private:
  llvm::DenseMap<const llvm::Constant*, std::size_t> known_;
};

}  // namespace

void verify(const llvm::Module& module, std::string_view step) {
  std::string broken;
  llvm::raw_string_ostream report(broken);
  if (llvm::verifyModule(module, &report))
    fail("isobar-clc: {} left invalid IR (a defect of Isobar): {}", step, broken);
}

std::size_t count_poison(const llvm::Module& module) {
  PoisonCounter poison;
  std::size_t count = 0;
  for (const llvm::GlobalVariable& variable : module.globals())
    if (variable.hasInitializer()) count += poison.in(variable.getInitializer());
  for (const llvm::Function& function : module)
    for (const llvm::BasicBlock& block : function)
      for (const llvm::Instruction& instruction : block)
        for (const llvm::Use& operand : instruction.operands()) count += poison.in(operand.get());
  return count;
}

}  // namespace isobar::clc
