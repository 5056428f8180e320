// isobar-clc: OpenCL C to a RISC-V program for the simulated GPU, as a process of its own, so that
// the driver's process needs no LLVM and survives a crash of it.
//
//   isobar-clc compile --source FILE --output FILE.bc [--dependencies FILE] -- CLANG-OPTIONS...
//   isobar-clc link --output FILE.elf FILE.bc...         several objects to one program
//   isobar-clc library --output FILE.bc FILE.bc...       several objects to one object
//   isobar-clc build --source FILE --output FILE.elf ... compile and link
//
// Diagnostics go to standard error. Exit codes: 0 done, 1 the program is wrong, 2 we are.
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/raw_ostream.h>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file/paths.h"
#include "code_generation.h"
#include "executable.h"
#include "front_end.h"
#include "kernels.h"
#include "passes/block_order.h"
#include "passes/fold_offsets.h"
#include "passes/frames.h"
#include "passes/lower_printf.h"
#include "passes/traps.h"
#include "passes/verify.h"
#include "retarget.h"

namespace isobar::clc {
namespace {

constexpr int kDone = 0, kProgramIsWrong = 1, kWeAreWrong = 2;

struct Arguments {
  std::string action;
  std::filesystem::path source, output, dependencies;
  std::vector<std::filesystem::path> objects;
  std::vector<std::string> options;  // behind "--"
  bool keep_ir = false;              // --emit-ir: the optimised module beside the output, as text
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  if (words.empty()) fail("usage: isobar-clc build|compile|link|library --output FILE ...\n");
  arguments.action = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto value = [&] {
      if (i + 1 >= words.size()) fail("isobar-clc: {} needs a value\n", words[i]);
      return words[++i];
    };
    if (words[i] == "--") {
      arguments.options.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (words[i] == "--source")
      arguments.source = value();
    else if (words[i] == "--output")
      arguments.output = value();
    else if (words[i] == "--dependencies")
      arguments.dependencies = value();
    else if (words[i] == "--emit-ir")
      arguments.keep_ir = true;
    else if (words[i].starts_with("-"))
      fail("isobar-clc: unknown option {}\n", words[i]);
    else
      arguments.objects.emplace_back(words[i]);
  }
  return arguments;
}

std::unique_ptr<llvm::Module> merge(const std::vector<std::filesystem::path>& objects,
                                    llvm::LLVMContext& context) {
  if (objects.empty()) fail("isobar-clc: there is nothing to link\n");
  auto merged = read_module(objects.front(), context);
  for (std::size_t i = 1; i < objects.size(); ++i)
    if (llvm::Linker::linkModules(*merged, read_module(objects[i], context)))
      fail("error: the objects cannot be linked together\n");
  return merged;
}

void write_bitcode(const llvm::Module& module, const std::filesystem::path& output) {
  std::error_code error;
  llvm::raw_fd_ostream file(output.string(), error, llvm::sys::fs::OF_None);
  if (error) fail("{}: {}", output.string(), error.message());
  llvm::WriteBitcodeToFile(module, file);
}

void write_ir(const llvm::Module& module, const std::filesystem::path& output) {
  std::error_code error;
  llvm::raw_fd_ostream file(output.string(), error, llvm::sys::fs::OF_Text);
  module.print(file, nullptr);
}

void retarget_checked(llvm::Module& module) {
  verify(module, "clang's front end");
  const std::size_t before = count_poison(module);
  retarget(module);
  verify(module, "retargeting");
  if (const std::size_t after = count_poison(module); after > before)
    fail("isobar-clc: retargeting lost {} values (a defect of Isobar)", after - before);
}

void make_executable(llvm::Module& module, const Arguments& arguments) {
  const auto machine = make_target_machine();
  module.setSourceFileName("kernels");  // and not the temporary file it was read from
  retarget_checked(module);
  lower_printf(module);
  verify(module, "lowering printf");
  elf::ProgramMetadata metadata = make_entries(module);
  verify(module, "making entries");
  link_builtins(module, libexec_directory() / "builtins.bc");
  prepare_for_optimisation(module);
  verify(module, "linking the built-in functions");
  optimise(module, *machine);
  verify(module, "optimising");
  place_local_variables(module, metadata);
  verify(module, "placing local variables");
  if (!is_unoptimised(module)) fold_offsets(module, *machine);
  order_blocks(module);
  place_traps(module);
  verify(module, "placing blocks and traps");
  if (arguments.keep_ir) write_ir(module, arguments.output.string() + ".ll");
  const std::filesystem::path object = arguments.output.string() + ".o";
  const Frames frames = generate_object(module, *machine, object);
  note_private_bytes(module, frames, metadata);
  link_executable(object, metadata, arguments.output);
  std::filesystem::remove(object);
}

int run(const Arguments& arguments) {
  llvm::LLVMContext context;
  if (arguments.action == "link") {
    make_executable(*merge(arguments.objects, context), arguments);
    return kDone;
  }
  if (arguments.action == "library") {
    write_bitcode(*merge(arguments.objects, context), arguments.output);
    return kDone;
  }
  if (arguments.action != "compile" && arguments.action != "build")
    fail("isobar-clc: unknown action {}\n", arguments.action);
  const bool whole = arguments.action == "build";
  const std::filesystem::path bitcode =
      whole ? arguments.output.string() + ".bc" : arguments.output.string();
  if (!run_front_end({arguments.source, bitcode, arguments.dependencies, arguments.options}))
    return kProgramIsWrong;
  if (whole) {
    make_executable(*read_module(bitcode, context), arguments);
    std::filesystem::remove(bitcode);
  }
  return kDone;
}

}  // namespace
}  // namespace isobar::clc

int main(int argc, char** argv) {
  try {
    return isobar::clc::run(isobar::clc::parse({argv + 1, argv + argc}));
  } catch (const isobar::UserError& error) {
    const std::string_view text = error.what();
    std::fprintf(stderr, "%s%s", error.what(), text.ends_with('\n') ? "" : "\n");
    return isobar::clc::kProgramIsWrong;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isobar-clc: %s\n", error.what());
    return isobar::clc::kWeAreWrong;
  }
}
