// clang's front end, as a child process: OpenCL C to LLVM IR for SPIR, whose conventions (kernel
// metadata, address spaces by number, opaque events) retarget.h undoes.
#pragma once

#include <llvm/IR/Module.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace isobar::clc {

struct FrontEndJob {
  std::filesystem::path source;        // begins with a #line that names it for diagnostics
  std::filesystem::path bitcode;       // output
  std::filesystem::path dependencies;  // output, in make's format; empty: none
  std::vector<std::string> options;    // the user's, already checked
};

/// Prints clang's diagnostics to standard error. Returns whether there were no errors.
[[nodiscard]] bool run_front_end(const FrontEndJob& job);

/// Reads bitcode; throws UserError with the file's name if it is none.
[[nodiscard]] std::unique_ptr<llvm::Module> read_module(const std::filesystem::path& path,
                                                        llvm::LLVMContext& context);

}  // namespace isobar::clc
