#include "retarget.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/Transforms/Utils/ValueMapper.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace isobar::clc {
namespace {

constexpr unsigned kSpirGlobal = 1, kSpirLocal = 3;

/// Deletes every "U3AS<n>", clang's mangling of an address space. builtins.bc is named by this
/// rule.
std::string without_address_spaces(llvm::StringRef name) {
  if (!name.starts_with("_Z")) return name.str();
  std::string result;
  for (std::size_t i = 0; i < name.size();) {
    if (name.substr(i).starts_with("U3AS") && i + 4 < name.size() && name[i + 4] >= '0' &&
        name[i + 4] <= '9') {
      i += 5;
      continue;
    }
    result += name[i++];
  }
  return result;
}

/// Every pointer becomes a plain one; SPIR's opaque event becomes a pointer too.
class FlatTypes : public llvm::ValueMapTypeRemapper {
 public:
  llvm::Type* remapType(llvm::Type* type) override {
    if (const auto found = known_.find(type); found != known_.end()) return found->second;
    llvm::Type* result = flatten(type);
    known_[type] = result;
    return result;
  }

 private:
  llvm::Type* flatten(llvm::Type* type) {
    llvm::LLVMContext& context = type->getContext();
    if (type->isPointerTy()) return llvm::PointerType::get(context, 0);
    if (const auto* target = llvm::dyn_cast<llvm::TargetExtType>(type))
      return target->getName().starts_with("spirv.") ? llvm::PointerType::get(context, 0) : type;
    if (const auto* array = llvm::dyn_cast<llvm::ArrayType>(type))
      return llvm::ArrayType::get(remapType(array->getElementType()), array->getNumElements());
    if (const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type))
      return llvm::FixedVectorType::get(remapType(vector->getElementType()),
                                        vector->getNumElements());
    if (const auto* function = llvm::dyn_cast<llvm::FunctionType>(type)) {
      std::vector<llvm::Type*> parameters;
      for (llvm::Type* parameter : function->params()) parameters.push_back(remapType(parameter));
      return llvm::FunctionType::get(remapType(function->getReturnType()), parameters,
                                     function->isVarArg());
    }
    if (auto* structure = llvm::dyn_cast<llvm::StructType>(type)) return flatten(structure);
    return type;
  }

  llvm::Type* flatten(llvm::StructType* structure) {
    if (structure->isOpaque()) return structure;
    std::vector<llvm::Type*> elements;
    bool changed = false;
    for (llvm::Type* element : structure->elements()) {
      elements.push_back(remapType(element));
      changed |= elements.back() != element;
    }
    if (!changed) return structure;
    if (structure->isLiteral())
      return llvm::StructType::get(structure->getContext(), elements, structure->isPacked());
    return llvm::StructType::create(structure->getContext(), elements, structure->getName(),
                                    structure->isPacked());
  }

  llvm::DenseMap<llvm::Type*, llvm::Type*> known_;
};

class Retargeter : llvm::ValueMaterializer {
 public:
  explicit Retargeter(llvm::Module& module)
      : module_(module),
        mapper_(values_, llvm::RF_ReuseAndMutateDistinctMDs | llvm::RF_IgnoreMissingLocals, &types_,
                this) {}

  void run() {
    std::vector<llvm::GlobalVariable*> variables;
    for (llvm::GlobalVariable& variable : module_.globals()) variables.push_back(&variable);
    std::vector<Replaced> functions;
    for (llvm::Function& function : module_) functions.push_back(describe(function));
    // All old names go first: no new function may be taken for an old one, which is erased later.
    for (const Replaced& replaced : functions) replaced.old->setName("");
    for (llvm::GlobalVariable* variable : variables) declare(*variable);
    // What is defined takes its name before what is declared: see declare().
    for (const Replaced& replaced : functions)
      if (!replaced.old->isDeclaration()) declare(replaced);
    for (const Replaced& replaced : functions)
      if (replaced.old->isDeclaration()) declare(replaced);
    for (llvm::GlobalVariable* variable : variables)
      if (variable->hasInitializer())
        replacement(*variable)->setInitializer(mapper_.mapConstant(*variable->getInitializer()));
    for (const Replaced& replaced : functions)
      if (!replaced.old->isDeclaration()) mapper_.remapFunction(*move_body(*replaced.old));
    for (const Replaced& replaced : functions) replaced.old->dropAllReferences();
    for (llvm::GlobalVariable* variable : variables) variable->setInitializer(nullptr);
    for (const Replaced& replaced : functions) discard(*replaced.old, replaced.name);
    for (llvm::GlobalVariable* variable : variables)
      discard(*variable, replacement(*variable)->getName());
    for (llvm::Function& function : module_) tidy(function);
  }

 private:
  // A cast between address spaces is nothing once there is one.
  llvm::Value* materialize(llvm::Value* value) override {
    auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(value);
    if (expression == nullptr || expression->getOpcode() != llvm::Instruction::AddrSpaceCast)
      return nullptr;
    return mapper_.mapConstant(*expression->getOperand(0));
  }

  llvm::GlobalVariable* replacement(llvm::GlobalVariable& old) {
    return llvm::cast<llvm::GlobalVariable>(values_[&old]);
  }

  /// Nothing may use it any more: whatever did would become poison, and take the rest with it.
  static void discard(llvm::GlobalObject& object, llvm::StringRef name) {
    object.removeDeadConstantUsers();
    if (!object.use_empty())
      fail("isobar-clc: '{}' is still used after retargeting (a defect of Isobar)", name.str());
    object.eraseFromParent();
  }

  void declare(llvm::GlobalVariable& old) {
    const std::string name = old.getName().str();
    old.setName("");
    auto* made = new llvm::GlobalVariable(module_, types_.remapType(old.getValueType()),
                                          old.isConstant(), old.getLinkage(), nullptr, name,
                                          nullptr, llvm::GlobalValue::NotThreadLocal, 0);
    made->copyAttributesFrom(&old);
    made->copyMetadata(&old, 0);
    if (old.getAddressSpace() == kSpirLocal) made->addAttribute(kLocalAttribute);
    if (old.getAddressSpace() == kSpirGlobal) made->addAttribute(kProgramScopeAttribute);
    values_[&old] = made;
  }

  /// A function of the old module: what must be known of it once its name is gone.
  struct Replaced {
    llvm::Function* old;
    std::string name;
    llvm::Intrinsic::ID intrinsic;
    llvm::SmallVector<llvm::Type*> overload;  // the types in an intrinsic's name
  };

  static Replaced describe(llvm::Function& old) {
    Replaced result{&old, old.getName().str(), old.getIntrinsicID(), {}};
    if (old.isIntrinsic() && !llvm::Intrinsic::getIntrinsicSignature(&old, result.overload))
      fail("error: '{}' is no function that this compiler's LLVM knows\n", result.name);
    return result;
  }

  void declare(const Replaced& replaced) {
    llvm::Function& old = *replaced.old;
    if (replaced.intrinsic != llvm::Intrinsic::not_intrinsic) {
      // LLVM's own functions carry their types in their names: several become one.
      llvm::SmallVector<llvm::Type*> types;
      for (llvm::Type* type : replaced.overload) types.push_back(types_.remapType(type));
      values_[&old] = llvm::Intrinsic::getDeclaration(&module_, replaced.intrinsic, types);
      return;
    }
    auto* type = llvm::cast<llvm::FunctionType>(types_.remapType(old.getFunctionType()));
    const std::string name =
        old.isDeclaration() ? without_address_spaces(replaced.name) : replaced.name;
    if (llvm::Function* same = module_.getFunction(name); same != nullptr && old.isDeclaration()) {
      if (same->isDeclaration() && same->getFunctionType() == type) {
        values_[&old] = same;
        return;
      }
      // A function of the user's for private memory is not the built-in one for another space.
      if (!same->isDeclaration()) same->setName(name + ".private");
    }
    llvm::Function* made = llvm::Function::Create(type, old.getLinkage(), 0, name, &module_);
    made->copyAttributesFrom(&old);
    made->copyMetadata(&old, 0);
    remap_types_in_attributes(*made);
    values_[&old] = made;
  }

  /// byval and its like name a type.
  void remap_types_in_attributes(llvm::Function& function) {
    llvm::LLVMContext& context = function.getContext();
    llvm::AttributeList attributes = function.getAttributes();
    for (unsigned i = 0; i < function.arg_size(); ++i)
      for (const auto kind : {llvm::Attribute::ByVal, llvm::Attribute::StructRet}) {
        llvm::Type* type = attributes.getParamAttr(i, kind).getValueAsType();
        if (attributes.hasParamAttr(i, kind) && type != nullptr)
          attributes = attributes.replaceAttributeTypeAtIndex(
              context, i + llvm::AttributeList::FirstArgIndex, kind, types_.remapType(type));
      }
    function.setAttributes(attributes);
  }

  llvm::Function* move_body(llvm::Function& old) {
    auto* made = llvm::cast<llvm::Function>(values_[&old]);
    made->splice(made->end(), &old);
    auto argument = made->arg_begin();
    for (llvm::Argument& before : old.args()) {
      argument->setName(before.getName());
      values_[&before] = &*argument++;
    }
    return made;
  }

  static void tidy(llvm::Function& function) {
    function.setCallingConv(llvm::CallingConv::C);
    function.removeFnAttr("frame-pointer");
    // Other work-items share the kernel's variables: "called once" would make them private.
    function.removeFnAttr(llvm::Attribute::NoRecurse);
    std::vector<llvm::Instruction*> casts;
    for (llvm::BasicBlock& block : function)
      for (llvm::Instruction& instruction : block) {
        if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
          call->setCallingConv(llvm::CallingConv::C);
        if (llvm::isa<llvm::AddrSpaceCastInst>(instruction)) casts.push_back(&instruction);
      }
    for (llvm::Instruction* cast : casts) {
      cast->replaceAllUsesWith(cast->getOperand(0));
      cast->eraseFromParent();
    }
  }

  llvm::Module& module_;
  FlatTypes types_;
  llvm::ValueToValueMapTy values_;
  llvm::ValueMapper mapper_;
};

}  // namespace

void retarget(llvm::Module& module) {
  Retargeter(module).run();
  module.setTargetTriple(kTriple);
  module.setDataLayout(kDataLayout);
  for (const char* name : {"opencl.ocl.version", "opencl.spir.version", "spirv.Source"})
    if (llvm::NamedMDNode* node = module.getNamedMetadata(name)) node->eraseFromParent();
  // The front end's flags speak of SPIR: only those of the debug information stay.
  if (llvm::NamedMDNode* flags = module.getModuleFlagsMetadata()) {
    llvm::SmallVector<llvm::Module::ModuleFlagEntry> entries;
    module.getModuleFlagsMetadata(entries);
    flags->eraseFromParent();
    for (const auto& entry : entries)
      if (entry.Key->getString().contains("Version"))
        module.addModuleFlag(entry.Behavior, entry.Key->getString(), entry.Val);
  }
}

}  // namespace isobar::clc
