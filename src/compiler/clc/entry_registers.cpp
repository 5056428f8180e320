#include "entry_registers.h"

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineRegisterInfo.h>

#include "isa/guest_abi.h"

namespace isobar::clc {
namespace {

class EntryRegisters : public llvm::MachineFunctionPass {
 public:
  EntryRegisters() : MachineFunctionPass(kId) {}

  [[nodiscard]] llvm::StringRef getPassName() const override { return "Registers of entries"; }

  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    if (!function.getName().starts_with(isa::kEntryPrefix)) return false;
    function.getRegInfo().setCalleeSavedRegs({});
    return true;
  }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

 private:
  static char kId;  // LLVM knows a pass by this variable's address
};

char EntryRegisters::kId = 0;

}  // namespace

llvm::FunctionPass* make_entry_registers_pass() { return new EntryRegisters; }

}  // namespace isobar::clc
