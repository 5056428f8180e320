#include "kernels.h"

#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "code_generation.h"
#include "isa/guest_abi.h"
#include "retarget.h"

namespace isobar::clc {
namespace {

bool is_kernel(const llvm::Function& function) {
  return !function.isDeclaration() && function.getMetadata("kernel_arg_addr_space") != nullptr;
}

std::uint64_t number_at(const llvm::MDNode* node, unsigned index) {
  return llvm::mdconst::extract<llvm::ConstantInt>(node->getOperand(index))->getZExtValue();
}

std::string text_at(const llvm::Function& kernel, const char* kind, unsigned index) {
  const llvm::MDNode* node = kernel.getMetadata(kind);
  if (node == nullptr || index >= node->getNumOperands()) return {};
  const auto* text = llvm::dyn_cast<llvm::MDString>(node->getOperand(index));
  return text != nullptr ? text->getString().str() : std::string();
}

elf::AccessQualifier access_qualifier(const std::string& text) {
  if (text == "read_only") return elf::AccessQualifier::kReadOnly;
  if (text == "write_only") return elf::AccessQualifier::kWriteOnly;
  if (text == "read_write") return elf::AccessQualifier::kReadWrite;
  return elf::AccessQualifier::kNone;
}

elf::AddressQualifier address_qualifier(std::uint64_t spir_address_space) {
  switch (spir_address_space) {
    case 1:
      return elf::AddressQualifier::kGlobal;
    case 2:
      return elf::AddressQualifier::kConstant;
    case 3:
      return elf::AddressQualifier::kLocal;
    default:
      return elf::AddressQualifier::kPrivate;
  }
}

void refuse_opaque_types(const llvm::Function& kernel, const elf::KernelArgument& argument,
                         unsigned index) {
  for (const char* type : {"image1d", "image2d", "image3d", "sampler_t", "pipe", "queue_t",
                           "reserve_id_t", "clk_event_t"})
    if (argument.type_name.starts_with(type))
      fail(
          "error: kernel '{}': argument {} ('{}') is of type '{}', which this device does not "
          "support\n",
          kernel.getName().str(), index, argument.name, argument.type_name);
}

elf::KernelArgument describe(const llvm::Function& kernel, unsigned index) {
  elf::KernelArgument argument;
  argument.name = text_at(kernel, "kernel_arg_name", index);
  argument.type_name = text_at(kernel, "kernel_arg_type", index);
  argument.access = access_qualifier(text_at(kernel, "kernel_arg_access_qual", index));
  argument.address =
      address_qualifier(number_at(kernel.getMetadata("kernel_arg_addr_space"), index));
  const std::string qualifiers = text_at(kernel, "kernel_arg_type_qual", index);
  argument.is_const = qualifiers.find("const") != std::string::npos;
  argument.is_restrict = qualifiers.find("restrict") != std::string::npos;
  argument.is_volatile = qualifiers.find("volatile") != std::string::npos;
  refuse_opaque_types(kernel, argument, index);

  const llvm::DataLayout& layout = kernel.getParent()->getDataLayout();
  const llvm::Argument& parameter = *kernel.getArg(index);
  llvm::Type* type = parameter.hasByValAttr() ? parameter.getParamByValType() : parameter.getType();
  argument.size = static_cast<std::uint32_t>(layout.getTypeAllocSize(type));
  llvm::Align alignment = layout.getABITypeAlign(type);
  if (parameter.hasByValAttr())
    alignment = std::max(alignment, parameter.getParamAlign().valueOrOne());
  argument.alignment = static_cast<std::uint32_t>(alignment.value());
  if (type->isPointerTy())
    argument.kind = argument.address == elf::AddressQualifier::kLocal
                        ? elf::ArgumentKind::kLocalPointer
                        : elf::ArgumentKind::kPointer;
  return argument;
}

/// The type of vec_type_hint as OpenCL C calls it: the metadata holds a value of it and whether it
/// is signed.
std::string type_hint(const llvm::Function& kernel) {
  const llvm::MDNode* node = kernel.getMetadata("vec_type_hint");
  if (node == nullptr) return {};
  llvm::Type* type = llvm::cast<llvm::ValueAsMetadata>(node->getOperand(0))->getType();
  llvm::Type* scalar = type->getScalarType();
  std::string name;
  if (scalar->isHalfTy()) name = "half";
  if (scalar->isFloatTy()) name = "float";
  if (scalar->isDoubleTy()) name = "double";
  if (scalar->isIntegerTy()) {
    const std::map<unsigned, const char*> names{
        {8, "char"}, {16, "short"}, {32, "int"}, {64, "long"}};
    const auto found = names.find(scalar->getIntegerBitWidth());
    if (found != names.end())
      name = (number_at(node, 1) != 0 ? "" : "u") + std::string(found->second);
  }
  const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector != nullptr && !name.empty() ? name + std::to_string(vector->getNumElements())
                                            : name;
}

std::string attributes_of(const llvm::Function& kernel, elf::KernelInfo& info) {
  std::string text;
  const auto sizes = [&](const char* kind, std::array<std::uint64_t, 3>& into) {
    const llvm::MDNode* node = kernel.getMetadata(kind);
    if (node == nullptr) return;
    for (unsigned i = 0; i < 3; ++i) into.at(i) = number_at(node, i);
    text += fmt::format("{}{}({},{},{})", text.empty() ? "" : " ", kind, into[0], into[1], into[2]);
  };
  sizes("reqd_work_group_size", info.required_local_size);
  sizes("work_group_size_hint", info.local_size_hint);
  if (const std::string hint = type_hint(kernel); !hint.empty())
    text += fmt::format("{}vec_type_hint({})", text.empty() ? "" : " ", hint);
  return text;
}

elf::KernelInfo describe(const llvm::Function& kernel) {
  elf::KernelInfo info;
  info.name = kernel.getName().str();
  info.attributes = attributes_of(kernel, info);
  std::uint64_t offset = 0;
  for (unsigned i = 0; i < kernel.arg_size(); ++i) {
    elf::KernelArgument argument = describe(kernel, i);
    offset = llvm::alignTo(offset, argument.alignment);
    argument.offset = static_cast<std::uint32_t>(offset);
    offset += argument.size;
    info.arguments.push_back(std::move(argument));
  }
  info.argument_bytes = static_cast<std::uint32_t>(llvm::alignTo(offset, 8));
  if (info.argument_bytes > isa::kArgumentLimit - isa::kArgumentBase)
    fail("error: kernel '{}' takes {} bytes of arguments, more than the {} there are room for\n",
         info.name, info.argument_bytes, isa::kArgumentLimit - isa::kArgumentBase);
  return info;
}

/// void entry(): loads the arguments, calls the kernel, ends the work-item.
void make_entry(llvm::Function& kernel, const elf::KernelInfo& info) {
  llvm::LLVMContext& context = kernel.getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
  llvm::Function* entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage,
                                                 isa::kEntryPrefix + info.name, kernel.getParent());
  entry->addFnAttr(llvm::Attribute::NoUnwind);
  entry->addFnAttr(llvm::Attribute::NoReturn);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  // The entry belongs to the source as the kernel does: a fault in it names the kernel's line.
  if (const llvm::DISubprogram* subprogram = kernel.getSubprogram()) {
    entry->setSubprogram(llvm::MDNode::replaceWithDistinct(subprogram->clone()));
    builder.SetCurrentDebugLocation(
        llvm::DILocation::get(context, subprogram->getLine(), 0, entry->getSubprogram()));
  }
  std::vector<llvm::Value*> values;
  for (unsigned i = 0; i < kernel.arg_size(); ++i) {
    const elf::KernelArgument& argument = info.arguments.at(i);
    llvm::Constant* place = llvm::ConstantExpr::getIntToPtr(
        builder.getInt64(isa::kArgumentBase + argument.offset), builder.getPtrTy());
    if (kernel.getArg(i)->hasByValAttr()) {
      values.push_back(place);
      continue;
    }
    llvm::LoadInst* load = builder.CreateAlignedLoad(kernel.getArg(i)->getType(), place,
                                                     llvm::Align(argument.alignment));
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context, {}));
    values.push_back(load);
  }
  llvm::CallInst* call = builder.CreateCall(&kernel, values);
  call->setAttributes(kernel.getAttributes());
  if (!kernel.hasFnAttribute(llvm::Attribute::NoInline))
    call->addFnAttr(llvm::Attribute::AlwaysInline);  // its end being unreachable, it looks cold
  const std::string exit = fmt::format(".insn r {:#x}, 0, 1, x0, x0, x0", isa::kCustom0);
  llvm::CallInst* end = builder.CreateCall(llvm::InlineAsm::get(type, exit, "~{memory}", true));
  end->setDoesNotReturn();
  builder.CreateUnreachable();
}

void make_internal(llvm::Function& function) {
  if (function.isDeclaration() || function.getName().starts_with(isa::kEntryPrefix) ||
      std::ranges::find(kCalledByCodeGeneration, function.getName()) !=
          kCalledByCodeGeneration.end())
    return;
  function.setLinkage(llvm::GlobalValue::InternalLinkage);
  function.setVisibility(llvm::GlobalValue::DefaultVisibility);
  function.setDSOLocal(true);
  function.setComdat(nullptr);
}

/// The functions that contain or reach a use of the variable.
void collect_users(llvm::Value& value, llvm::SmallPtrSetImpl<const llvm::Value*>& seen,
                   llvm::SmallPtrSetImpl<const llvm::Function*>& functions) {
  if (!seen.insert(&value).second) return;
  for (llvm::User* user : value.users()) {
    if (const auto* instruction = llvm::dyn_cast<llvm::Instruction>(user)) {
      auto* function = const_cast<llvm::Function*>(instruction->getFunction());
      functions.insert(function);
      collect_users(*function, seen, functions);
    } else {
      collect_users(*user, seen, functions);
    }
  }
}

}  // namespace

elf::ProgramMetadata make_entries(llvm::Module& module) {
  elf::ProgramMetadata metadata;
  std::vector<llvm::Function*> kernels;
  for (llvm::Function& function : module)
    if (is_kernel(function)) kernels.push_back(&function);
  for (llvm::Function* kernel : kernels) {
    metadata.kernels.push_back(describe(*kernel));
    make_entry(*kernel, metadata.kernels.back());
  }
  for (llvm::Function& function : module) make_internal(function);
  const llvm::DataLayout& layout = module.getDataLayout();
  for (llvm::GlobalVariable& variable : module.globals())
    if (variable.hasAttribute(kProgramScopeAttribute))
      metadata.program_scope_global_bytes += layout.getTypeAllocSize(variable.getValueType());
  return metadata;
}

void prepare_for_optimisation(llvm::Module& module) {
  for (llvm::Function& function : module) {
    make_internal(function);
    function.removeFnAttr(llvm::Attribute::NoRecurse);
    // An access through a null pointer is one that the machine reports, not one that is never made.
    if (!function.isDeclaration()) function.addFnAttr(llvm::Attribute::NullPointerIsValid);
  }
  unsigned count = 0;
  for (llvm::GlobalVariable& variable : module.globals()) {
    if (variable.getSection() == isa::kLocalSection) {
      variable.addAttribute(kLocalAttribute);
      variable.setSection("");
    }
    if (variable.isConstant() || variable.isDeclaration()) continue;
    if (!variable.hasInitializer() || variable.hasAttribute(kLocalAttribute))
      variable.setInitializer(llvm::Constant::getNullValue(variable.getValueType()));
    variable.setName(fmt::format("isobar.shared.{}.{}", count++, variable.getName().str()));
    variable.setLinkage(llvm::GlobalValue::ExternalLinkage);
    variable.setVisibility(llvm::GlobalValue::HiddenVisibility);
    variable.setComdat(nullptr);
  }
}

void place_local_variables(llvm::Module& module, elf::ProgramMetadata& metadata) {
  struct Placed {
    llvm::GlobalVariable* variable;
    std::vector<std::size_t> kernels;  // that can reach it
    std::uint64_t size = 0, offset = 0;
  };
  const llvm::DataLayout& layout = module.getDataLayout();
  // Widest alignment first wastes least; the order is otherwise the source's.
  std::multimap<std::uint64_t, Placed, std::greater<>> variables;
  for (llvm::GlobalVariable& variable : module.globals()) {
    if (!variable.hasAttribute(kLocalAttribute)) continue;
    Placed placed{&variable, {}};
    placed.size = layout.getTypeAllocSize(variable.getValueType());
    llvm::SmallPtrSet<const llvm::Value*, 16> seen;
    llvm::SmallPtrSet<const llvm::Function*, 16> functions;
    collect_users(variable, seen, functions);
    for (std::size_t k = 0; k < metadata.kernels.size(); ++k)
      if (functions.contains(module.getFunction(isa::kEntryPrefix + metadata.kernels[k].name)))
        placed.kernels.push_back(k);
    variables.emplace(std::max<std::uint64_t>(8, layout.getPreferredAlign(&variable).value()),
                      std::move(placed));
  }
  for (auto& [alignment, placed] : variables) {
    // Behind the end of every kernel's variables that share a kernel with this one.
    for (const std::size_t k : placed.kernels)
      placed.offset = std::max(placed.offset, metadata.kernels.at(k).local_bytes);
    placed.offset = llvm::alignTo(placed.offset, alignment);
    for (const std::size_t k : placed.kernels)
      metadata.kernels.at(k).local_bytes = placed.offset + placed.size;
    llvm::Constant* address = llvm::ConstantExpr::getIntToPtr(
        llvm::ConstantInt::get(llvm::Type::getInt64Ty(module.getContext()),
                               isa::kLocalBase + placed.offset),
        placed.variable->getType());
    placed.variable->replaceAllUsesWith(address);
    placed.variable->eraseFromParent();
  }
}

}  // namespace isobar::clc
