// A kernel: one function of a built program, and the arguments set so far.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "device/device.h"
#include "opencl/memory/memory.h"
#include "opencl/program/program.h"

struct _cl_kernel : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kKernel;
  static constexpr cl_int kInvalid = CL_INVALID_KERNEL;

  struct Argument {
    bool is_set = false;
    std::vector<std::byte> bytes;  // of a value
    cl_mem buffer = nullptr;       // of a pointer; not retained, as the standard has it
    const void* svm = nullptr;     // of a pointer, instead of a buffer
    std::size_t local_size = 0;    // of a local pointer
  };

  isobar::opencl::Ref<_cl_program> program;
  std::shared_ptr<const isobar::device::LoadedProgram> loaded;
  const isobar::elf::KernelInfo* info = nullptr;
  // Whether all work-groups of a launch must have one size: so before OpenCL C 2.0, or by option.
  bool is_uniform = true;
  mutable std::mutex mutex;
  std::vector<Argument> arguments;
  std::vector<const void*> svm_pointers;  // into what it may reach beside its arguments

  _cl_kernel(_cl_program& of, std::shared_ptr<const isobar::device::LoadedProgram> of_program,
             const isobar::elf::KernelInfo& kernel);
  ~_cl_kernel();
  _cl_kernel(const _cl_kernel&) = delete;
  _cl_kernel& operator=(const _cl_kernel&) = delete;
};

namespace isobar::opencl {

/// The arguments as a launch needs them, and the buffers they keep alive. Throws
/// CL_INVALID_KERNEL_ARGS while one is not set or its memory has been released or freed.
struct BoundArguments {
  std::vector<device::ArgumentValue> values;
  std::vector<Ref<_cl_mem>> buffers;
  Bytes footprint;                      // of all memory given, each range counted once
  std::vector<timing::BufferUse> uses;  // of that memory, argument by argument
};
[[nodiscard]] BoundArguments bind_arguments(const _cl_kernel& kernel);

}  // namespace isobar::opencl
