#include "front_end.h"

#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/SourceMgr.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"
#include "tools.h"

namespace isobar::clc {
namespace {

// What the device reports (opencl/device.cpp) and nothing more, so that a program's #ifdef tells
// the truth. Images are absent: clang takes SPIR to have them.
constexpr char kExtensions[] =
    "-cl-ext=-all,+cl_khr_byte_addressable_store,+cl_khr_global_int32_base_atomics,"
    "+cl_khr_global_int32_extended_atomics,+cl_khr_local_int32_base_atomics,"
    "+cl_khr_local_int32_extended_atomics,+cl_khr_int64_base_atomics,"
    "+cl_khr_int64_extended_atomics,+cl_khr_fp64,+cl_khr_fp16,+cl_khr_subgroups,"
    "+__opencl_c_atomic_order_acq_rel,+__opencl_c_atomic_order_seq_cst,"
    "+__opencl_c_atomic_scope_device,+__opencl_c_fp64,+__opencl_c_generic_address_space,"
    "+__opencl_c_int64,+__opencl_c_program_scope_global_variables,+__opencl_c_subgroups,"
    "+__opencl_c_work_group_collective_functions";

bool names_a_version(const std::vector<std::string>& options) {
  for (const std::string& option : options)
    if (option.starts_with("-cl-std=")) return true;
  return false;
}

bool optimises(const std::vector<std::string>& options) {
  return std::ranges::find(options, "-cl-opt-disable") == options.end();
}

}  // namespace

std::string tool(const char* variable, const char* name) {
  const char* chosen = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return chosen != nullptr && *chosen != '\0' ? chosen : name;
}

bool run_front_end(const FrontEndJob& job) {
  std::vector<std::string> command{
      tool("ISOBAR_CLANG", "clang-19"), "-x", "cl", "--target=spir64-unknown-unknown",
      // -O2 would overrule -cl-opt-disable, which marks every function as not to be optimised.
      optimises(job.options) ? "-O2" : "-O0",
      // Optimising is for later, when the target is known.
      "-Xclang", "-disable-llvm-passes", "-Xclang", kExtensions, "-cl-kernel-arg-info",
      "-gline-tables-only", "-fno-color-diagnostics", "-U__IMAGE_SUPPORT__", "-D__ISOBAR__=1",
      "-D__OPENCL_VERSION__=300", "-Wno-unused-command-line-argument", "-Wno-atomic-alignment",
      "-emit-llvm", "-c"};
  if (!names_a_version(job.options)) command.emplace_back("-cl-std=CL1.2");
  if (!job.dependencies.empty())
    command.insert(command.end(), {"-MMD", "-MF", job.dependencies.string(), "-MT", "kernels"});
  command.insert(command.end(), job.options.begin(), job.options.end());
  command.insert(command.end(), {job.source.string(), "-o", job.bitcode.string()});
  const SubprocessResult result = run_subprocess(command);
  std::fputs(result.output.c_str(), stderr);
  std::fputs(result.errors.c_str(), stderr);
  if (result.exit_code >= 128)
    fail("error: the front end {} crashed (signal {})\n", command.front(), result.exit_code - 128);
  return result.exit_code == 0;
}

std::unique_ptr<llvm::Module> read_module(const std::filesystem::path& path,
                                          llvm::LLVMContext& context) {
  llvm::SMDiagnostic error;
  auto module = llvm::parseIRFile(path.string(), error, context);
  if (module == nullptr)
    fail("error: {}: not a compiled object of this compiler ({})\n", path.filename().string(),
         error.getMessage().str());
  return module;
}

}  // namespace isobar::clc
