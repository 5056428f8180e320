// OpenCL C 3.0 -> RISC-V ELF, with stock clang and lld 19. This header is the driver's door to it:
// it is free of LLVM. The work is done by libexec/isobar/isobar-clc, a program of our own that runs
// clang's front end, retargets the IR, links the builtins and generates code; running it as a
// child keeps LLVM (and any crash of it) out of the host process, where another LLVM may live.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace isobar::compiler {

struct Source {
  std::string text;
  std::string name = "kernel.cl";              // how build logs and faults call it
  std::map<std::string, std::string> headers;  // for clCompileProgram: name -> text
};

struct Options {
  std::string build_options;  // what the user gave clBuildProgram, verbatim
  bool use_cache = true;
  std::filesystem::path cache_directory;  // empty: base/file/paths.h's, folder "kernels"
};

struct Result {
  bool ok = false;
  bool from_cache = false;
  bool bad_options = false;       // the build options themselves were refused
  std::string log;                // clang's diagnostics; file and line are the user's
  std::vector<std::byte> binary;  // an ELF executable, or relocatable bitcode (compile_only)
};

/// Front end to executable, in one go. Never throws for anything wrong with the source.
/// Safe to call from many threads and processes at once.
[[nodiscard]] Result build(const Source& source, const Options& options);
/// clCompileProgram: to an intermediate object (LLVM bitcode with a header of ours).
[[nodiscard]] Result compile_only(const Source& source, const Options& options);
/// clLinkProgram: objects from compile_only to an executable (or, with -create-library, an object).
[[nodiscard]] Result link(const std::vector<std::vector<std::byte>>& objects,
                          const Options& options);

/// "clang 19.1.7 ..." for `isobar info`.
[[nodiscard]] std::string version();

}  // namespace isobar::compiler
