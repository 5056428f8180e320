#include "bench/session.h"

#include <chrono>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"

namespace isobar::bench {

std::string kernel_source(const std::string& file) {
  return read_text(share_directory() / "bench" / (file + ".cl"));
}

Session::Session(nn::DeviceInfo device)
    : device_(std::move(device)),
      context_(device_.handle),
      queue_(context_, device_.handle, CL_QUEUE_PROFILING_ENABLE),
      counters_(device_.handle) {}

cl::Program Session::build(const std::string& source, const std::string& options) {
  cl::Program program(context_, source);
  try {
    program.build(options.c_str());
  } catch (const cl::BuildError& error) {
    std::string log;
    for (const auto& [handle, text] : error.getBuildLog()) log += text;
    fail("{}: a benchmark's kernels do not build:\n{}", device_.full_name(), log);
  }
  return program;
}

cl::Kernel Session::kernel(const std::string& file, const char* name) {
  if (!programs_.contains(file)) programs_[file] = build(kernel_source(file), "-cl-std=CL1.2");
  return {programs_[file], name};
}

Measurement Session::measure(const std::function<void()>& enqueue) {
  counters_.reset(context_);
  const auto start = std::chrono::steady_clock::now();
  enqueue();
  queue_.finish();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return {time.count(), total_of(counters_, context_)};
}

}  // namespace isobar::bench
