#include "frames.h"

#include <fmt/format.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/CodeGen/MachineFrameInfo.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "isa/guest_abi.h"

namespace isobar::clc {
namespace {

constexpr std::uint64_t kWindow = isa::kPrivateTop - isa::kPrivateLowest;

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

/// "'f' (kernel.cl:3)", the function as the source calls it.
std::string name_and_place(const llvm::Function& function) {
  const llvm::DISubprogram* subprogram = function.getSubprogram();
  if (subprogram == nullptr) return fmt::format("'{}'", function.getName().str());
  return fmt::format("'{}' ({}:{})", subprogram->getName().str(), subprogram->getFilename().str(),
                     subprogram->getLine());
}

class FramesPass : public llvm::MachineFunctionPass {
 public:
  explicit FramesPass(Frames& frames) : MachineFunctionPass(kId), frames_(frames) {}

  [[nodiscard]] llvm::StringRef getPassName() const override { return "Sizes of stack frames"; }

  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    frames_[function.getName().str()] = function.getFrameInfo().getStackSize();
    return false;
  }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

 private:
  static char kId;  // LLVM knows a pass by this variable's address
  Frames& frames_;
};

char FramesPass::kId = 0;

/// The stack of the deepest chain of calls from a function on.
class Depth {
 public:
  explicit Depth(const Frames& frames) : frames_(frames) {}

  std::uint64_t of(const llvm::Function& function) {
    if (const auto found = known_.find(&function); found != known_.end()) return found->second;
    if (!active_.insert(&function).second) return 0;  // recursion, which OpenCL C does not have
    std::uint64_t below = 0;
    for (const llvm::BasicBlock& block : function)
      for (const llvm::Instruction& instruction : block)
        if (const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
          if (const llvm::Function* callee = call->getCalledFunction();
              callee != nullptr && !callee->isDeclaration())
            below = std::max(below, of(*callee));
    active_.erase(&function);
    return known_[&function] = sum(frame(function), below);
  }

  std::uint64_t frame(const llvm::Function& function) const {
    const auto found = frames_.find(function.getName().str());
    return found != frames_.end() ? found->second : 0;
  }

 private:
  const Frames& frames_;
  std::map<const llvm::Function*, std::uint64_t> known_;
  llvm::SmallPtrSet<const llvm::Function*, 16> active_;
};

}  // namespace

void check_variables_fit(const llvm::Module& module) {
  const llvm::DataLayout& layout = module.getDataLayout();
  for (const llvm::Function& function : module) {
    std::uint64_t bytes = 0;
    for (const llvm::BasicBlock& block : function)
      for (const llvm::Instruction& instruction : block)
        if (const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(&instruction))
          if (const auto size = variable->getAllocationSize(layout))
            bytes = sum(bytes, size->getFixedValue());
    if (bytes > kWindow)
      fail(
          "error: function {}: its private variables need {} bytes of stack, but a work-item has "
          "at most {} (put large arrays into global memory)\n",
          name_and_place(function), bytes, kWindow);
  }
}

llvm::FunctionPass* make_frames_pass(Frames& frames) { return new FramesPass(frames); }

void note_private_bytes(const llvm::Module& module, const Frames& frames,
                        elf::ProgramMetadata& metadata) {
  Depth depth(frames);
  for (elf::KernelInfo& kernel : metadata.kernels) {
    const llvm::Function* entry = module.getFunction(isa::kEntryPrefix + kernel.name);
    if (entry == nullptr) continue;
    kernel.private_bytes = depth.of(*entry);
    if (kernel.private_bytes <= kWindow) continue;
    const llvm::Function* largest = entry;
    for (const llvm::Function& function : module)
      if (depth.frame(function) > depth.frame(*largest)) largest = &function;
    fail(
        "error: kernel '{}' needs {} bytes of stack, {} of them in function {}, but a work-item "
        "has at most {} (put large arrays into global memory)\n",
        kernel.name, kernel.private_bytes, depth.frame(*largest), name_and_place(*largest),
        kWindow);
  }
}

}  // namespace isobar::clc
