#include "code_generation.h"

#include <fmt/format.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Linker/Linker.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>

#include <array>
#include <string>

#include "base/error.h"
#include "entry_registers.h"
#include "retarget.h"

namespace isobar::clc {
namespace {

// What a hart executes (docs/ISA.md). No compressed instructions: all operations have one size.
constexpr char kCpu[] = "generic-rv64";
constexpr char kFeatures[] = "+m,+a,+f,+d,+zfh,+zba,+zbb,+zbs,+zicond,+zicsr,+zifencei,-c,-relax";

llvm::FunctionType* type_of(const char* name, llvm::LLVMContext& context) {
  auto* pointer = llvm::PointerType::get(context, 0);
  auto* int64 = llvm::Type::getInt64Ty(context);
  auto* int32 = llvm::Type::getInt32Ty(context);
  const std::string_view which = name;
  if (which == "memset") return llvm::FunctionType::get(pointer, {pointer, int32, int64}, false);
  if (which == "memcmp") return llvm::FunctionType::get(int32, {pointer, pointer, int64}, false);
  return llvm::FunctionType::get(pointer, {pointer, pointer, int64}, false);
}

std::string place_of_call(const llvm::Function& function) {
  for (const llvm::User* user : function.users()) {
    const auto* instruction = llvm::dyn_cast<llvm::Instruction>(user);
    if (instruction == nullptr || !instruction->getDebugLoc()) continue;
    const llvm::DILocation* location = instruction->getDebugLoc();
    return fmt::format("{}:{}:{}: ", location->getFilename().str(), location->getLine(),
                       location->getColumn());
  }
  return {};
}

/// A program may call a function `memcpy`, or as the library calls one of its own: neither the
/// library nor code generation may take it for theirs.
void keep_apart(llvm::Module& program, const llvm::Module& library) {
  for (llvm::Function& function : program)
    if (!function.isDeclaration() && library.getNamedValue(function.getName()) != nullptr)
      function.setName("program." + function.getName());
  for (llvm::GlobalVariable& variable : program.globals())
    if (variable.hasInitializer() && variable.hasName() &&
        library.getNamedValue(variable.getName()) != nullptr)
      variable.setName("program." + variable.getName());
}

void check_everything_is_defined(const llvm::Module& module) {
  std::string missing;
  for (const llvm::Function& function : module)
    if (function.isDeclaration() && !function.isIntrinsic() && !function.use_empty())
      missing += fmt::format("{}error: no function '{}' is defined\n", place_of_call(function),
                             function.getName().str());
  for (const llvm::GlobalVariable& variable : module.globals())
    if (variable.isDeclaration() && !variable.use_empty())
      missing += fmt::format("error: no variable '{}' is defined\n", variable.getName().str());
  if (!missing.empty()) throw UserError(missing);
}

}  // namespace

std::unique_ptr<llvm::TargetMachine> make_target_machine() {
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
  LLVMInitializeRISCVAsmParser();
  // Reconvergence runs the path with the lowest pc first, so a block must come after those it
  // follows from: block placement would put cold ones behind the end. Calls cost every work-item
  // stack traffic, so functions are inlined as GPU compilers do, up to a size.
  std::array arguments{"isobar-clc", "-disable-block-placement", "-inline-threshold=2000"};
  llvm::cl::ParseCommandLineOptions(static_cast<int>(arguments.size()), arguments.data());
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (target == nullptr) fail("LLVM has no RISC-V code generator: {}", error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  options.FunctionSections = true;  // the linker drops what nothing calls
  // What the compiler takes to be unreachable is the end of a function, too, and the next kernel
  // follows: it traps, also behind a call that does not return.
  options.TrapUnreachable = true;
  options.NoTrapAfterNoreturn = false;
  options.MCOptions.ABIName = "lp64d";
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(kTriple, kCpu, kFeatures, options, llvm::Reloc::Static,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
}

void link_builtins(llvm::Module& module, const std::filesystem::path& builtins) {
  auto buffer = llvm::MemoryBuffer::getFile(builtins.string(), false, false);
  if (!buffer)
    fail("{}: {} (install Isobar again)", builtins.string(), buffer.getError().message());
  auto library = llvm::getOwningLazyBitcodeModule(std::move(*buffer), module.getContext());
  if (!library)
    fail("{}: {} (install Isobar again)", builtins.string(), llvm::toString(library.takeError()));
  keep_apart(module, **library);
  for (const char* name : kCalledByCodeGeneration)
    module.getOrInsertFunction(name, type_of(name, module.getContext()));
  if (llvm::Linker::linkModules(module, std::move(*library), llvm::Linker::LinkOnlyNeeded))
    fail("the built-in functions could not be linked\n");
  check_everything_is_defined(module);
}

void run_passes(llvm::Module& module, llvm::TargetMachine& machine,
                const std::function<llvm::ModulePassManager(llvm::PassBuilder&)>& choose) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  // No library function is known here, so none is invented (a loop stays a loop, not a memset).
  llvm::TargetLibraryInfoImpl library{llvm::Triple(kTriple)};
  library.disableAllFunctions();
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  choose(builder).run(module, modules);
}

bool is_unoptimised(const llvm::Module& module) {
  for (const llvm::Function& function : module)
    if (function.hasOptNone()) return true;
  return false;
}

void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  const bool none = is_unoptimised(module);
  if (none) machine.setOptLevel(llvm::CodeGenOptLevel::None);
  run_passes(module, machine, [&](llvm::PassBuilder& builder) {
    if (none) return builder.buildO0DefaultPipeline(llvm::OptimizationLevel::O0);
    return builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  });
}

Frames generate_object(llvm::Module& module, llvm::TargetMachine& machine,
                       const std::filesystem::path& output) {
  check_variables_fit(module);
  Frames frames;
  std::error_code error;
  llvm::raw_fd_ostream file(output.string(), error, llvm::sys::fs::OF_None);
  if (error) fail("{}: {}", output.string(), error.message());
  llvm::legacy::PassManager passes;
  // What addPassesToEmitFile does, with a pass of ours between selection and allocation.
  auto& target = static_cast<llvm::LLVMTargetMachine&>(machine);
  auto* modules = new llvm::MachineModuleInfoWrapperPass(&target);
  llvm::TargetPassConfig* config = target.createPassConfig(passes);
  passes.add(config);
  passes.add(modules);
  if (config->addISelPasses()) fail("LLVM cannot select RISC-V instructions");
  passes.add(make_entry_registers_pass());
  config->addMachinePasses();
  passes.add(make_frames_pass(frames));
  config->setInitialized();
  if (target.addAsmPrinter(passes, file, nullptr, llvm::CodeGenFileType::ObjectFile,
                           modules->getMMI().getContext()))
    fail("LLVM cannot write RISC-V objects");
  passes.add(llvm::createFreeMachineFunctionPass());
  passes.run(module);
  file.flush();
  if (file.has_error()) fail("{}: {}", output.string(), file.error().message());
  return frames;
}

}  // namespace isobar::clc
