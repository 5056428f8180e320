#include "lower_printf.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>

#include <string>
#include <vector>

#include "isa/guest_abi.h"

namespace isobar::clc {
namespace {

constexpr std::uint64_t kHeaderBytes = 8, kRecordBytes = 16, kWordBytes = 8;

/// The scalars of an argument: itself, or the elements of a vector.
std::uint64_t words_of(const llvm::Type* type) {
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector != nullptr ? vector->getNumElements() : 1;
}

class Lowering {
 public:
  explicit Lowering(llvm::Module& module)
      : module_(module), context_(module.getContext()), builder_(context_) {}

  /// int f(ptr format, arguments...): reserves room, and writes the record if there was enough.
  llvm::Function* make(llvm::CallInst& call) {
    std::vector<llvm::Type*> types;
    std::uint64_t bytes = kRecordBytes;
    for (const llvm::Use& argument : call.args()) {
      types.push_back(argument->getType());
      if (types.size() > 1) bytes += words_of(types.back()) * kWordBytes;
    }
    auto* int32 = llvm::Type::getInt32Ty(context_);
    function_ =
        llvm::Function::Create(llvm::FunctionType::get(int32, types, false),
                               llvm::GlobalValue::InternalLinkage, "isobar.printf", &module_);
    function_->addFnAttr(llvm::Attribute::NoInline);
    function_->addFnAttr(llvm::Attribute::NoUnwind);
    function_->addFnAttr(llvm::Attribute::Cold);
    reserve(bytes);
    store(bytes);
    return function_;
  }

 private:
  void reserve(std::uint64_t bytes) {
    auto* int32 = llvm::Type::getInt32Ty(context_);
    auto* int64 = llvm::Type::getInt64Ty(context_);
    auto* entry = llvm::BasicBlock::Create(context_, "", function_);
    auto* reserve = llvm::BasicBlock::Create(context_, "reserve", function_);
    write_ = llvm::BasicBlock::Create(context_, "write", function_);
    auto* lost = llvm::BasicBlock::Create(context_, "lost", function_);
    builder_.SetInsertPoint(entry);
    const auto number = static_cast<unsigned>(isa::SpecialRegister::kPrintfBuffer);
    auto* read = llvm::InlineAsm::get(llvm::FunctionType::get(int64, false),
                                      "csrr $0, " + std::to_string(number), "=r", false);
    buffer_ = builder_.CreateIntToPtr(builder_.CreateCall(read), builder_.getPtrTy());
    builder_.CreateCondBr(builder_.CreateIsNull(buffer_), lost, reserve);

    builder_.SetInsertPoint(reserve);
    start_ = builder_.CreateAtomicRMW(llvm::AtomicRMWInst::Add, buffer_,
                                      llvm::ConstantInt::get(int32, bytes), llvm::MaybeAlign(4),
                                      llvm::AtomicOrdering::Monotonic);
    auto* capacity =
        builder_.CreateLoad(int32, builder_.CreateConstGEP1_64(builder_.getInt8Ty(), buffer_, 4));
    auto* end = builder_.CreateAdd(builder_.CreateZExt(start_, int64), builder_.getInt64(bytes));
    builder_.CreateCondBr(builder_.CreateICmpULE(end, builder_.CreateZExt(capacity, int64)), write_,
                          lost);
    builder_.SetInsertPoint(lost);
    builder_.CreateRet(llvm::ConstantInt::getSigned(int32, -1));
  }

  void store(std::uint64_t bytes) {
    builder_.SetInsertPoint(write_);
    auto* offset = builder_.CreateAdd(builder_.CreateZExt(start_, builder_.getInt64Ty()),
                                      builder_.getInt64(kHeaderBytes));
    record_ = builder_.CreateGEP(builder_.getInt8Ty(), buffer_, offset);
    at_ = 0;
    put(function_->getArg(0), kWordBytes);
    put(builder_.getInt32(static_cast<std::uint32_t>(bytes)), 4);
    put(builder_.getInt32(static_cast<std::uint32_t>(function_->arg_size() - 1)), 4);
    for (unsigned i = 1; i < function_->arg_size(); ++i) {
      llvm::Value* value = function_->getArg(i);
      if (!value->getType()->isVectorTy()) {
        put(widened(value), kWordBytes);
        continue;
      }
      for (std::uint64_t element = 0; element < words_of(value->getType()); ++element)
        put(widened(builder_.CreateExtractElement(value, element)), kWordBytes);
    }
    builder_.CreateRet(builder_.getInt32(0));
  }

  void put(llvm::Value* value, std::uint64_t bytes) {
    builder_.CreateAlignedStore(
        value, builder_.CreateConstGEP1_64(builder_.getInt8Ty(), record_, at_), llvm::Align(4));
    at_ += bytes;
  }

  llvm::Value* widened(llvm::Value* value) {
    if (value->getType()->isFloatingPointTy())
      return builder_.CreateFPCast(value, builder_.getDoubleTy());
    if (value->getType()->isIntegerTy())
      return builder_.CreateSExtOrTrunc(value, builder_.getInt64Ty());
    return value;
  }

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_ = nullptr;
  llvm::BasicBlock* write_ = nullptr;
  llvm::Value *buffer_ = nullptr, *start_ = nullptr, *record_ = nullptr;
  std::uint64_t at_ = 0;
};

}  // namespace

void lower_printf(llvm::Module& module) {
  llvm::Function* printf = module.getFunction("printf");
  if (printf == nullptr || !printf->isDeclaration()) return;
  std::vector<llvm::CallInst*> calls;
  for (llvm::User* user : printf->users())
    if (auto* call = llvm::dyn_cast<llvm::CallInst>(user)) calls.push_back(call);
  for (llvm::CallInst* call : calls) {
    llvm::Function* record = Lowering(module).make(*call);
    const std::vector<llvm::Value*> arguments(call->arg_begin(), call->arg_end());
    llvm::IRBuilder<> builder(call);
    llvm::CallInst* made = builder.CreateCall(record, arguments);
    made->setDebugLoc(call->getDebugLoc());
    call->replaceAllUsesWith(made);
    call->eraseFromParent();
  }
  if (printf->use_empty()) printf->eraseFromParent();
}

}  // namespace isobar::clc
