// Kernels as objects and their arguments. Queries are in kernel_info.cpp, launches in ndrange.cpp.
#include "opencl/program/kernel.h"

#include <set>
#include <span>
#include <string_view>

#include "opencl/info.h"
#include "opencl/svm/allocations.h"

namespace {

bool must_be_uniform(std::string_view options) {
  if (options.find("-cl-uniform-work-group-size") != std::string_view::npos) return true;
  const std::size_t standard = options.find("-cl-std=");
  if (standard == std::string_view::npos) return true;  // 1.2 is what no option means
  const std::string_view version = options.substr(standard + 8);
  return !(version.starts_with("CL2") || version.starts_with("CL3") ||
           version.starts_with("CLC++"));
}

}  // namespace

_cl_kernel::_cl_kernel(_cl_program& of,
                       std::shared_ptr<const isobar::device::LoadedProgram> of_program,
                       const isobar::elf::KernelInfo& kernel)
    : program(of),
      loaded(std::move(of_program)),
      info(&kernel),
      arguments(kernel.arguments.size()) {
  const std::lock_guard lock(of.mutex);
  is_uniform = must_be_uniform(of.options);
  of.kernels_attached.fetch_add(1);
}

_cl_kernel::~_cl_kernel() { program->kernels_attached.fetch_sub(1); }

namespace isobar::opencl {
namespace {

void set_buffer(_cl_kernel::Argument& argument, const _cl_context& context, std::size_t size,
                const void* value) {
  require(size == sizeof(cl_mem), CL_INVALID_ARG_SIZE);
  cl_mem handle = nullptr;
  if (value != nullptr) std::memcpy(&handle, value, sizeof handle);
  if (handle != nullptr) {
    require(is_live(handle, Kind::kMemory), CL_INVALID_MEM_OBJECT);
    require(handle->context.get() == &context, CL_INVALID_MEM_OBJECT);
  }
  argument.buffer = handle;
  argument.svm = nullptr;
}

void set_value(_cl_kernel::Argument& argument, const elf::KernelArgument& info, std::size_t size,
               const void* value) {
  require(value != nullptr, CL_INVALID_ARG_VALUE);
  require(size == info.size, CL_INVALID_ARG_SIZE);
  const auto* begin = static_cast<const std::byte*>(value);
  argument.bytes.assign(begin, begin + size);
}

timing::BufferUse use_of(const SvmRange& range) {
  return {DeviceAddress(reinterpret_cast<std::uintptr_t>(range.begin)), Bytes(range.size)};
}

/// Ranges that are given twice count once.
Bytes footprint_of(std::span<const timing::BufferUse> uses) {
  std::set<std::pair<DeviceAddress, Bytes>> counted;
  Bytes sum;
  for (const timing::BufferUse& use : uses)
    if (counted.emplace(use.address, use.size).second) sum += use.size;
  return sum;
}

cl_kernel make_kernel(_cl_program& program, const std::string& name) {
  const auto loaded = program.executable();
  const elf::KernelInfo* info = loaded->find_kernel(name);
  require(info != nullptr, CL_INVALID_KERNEL_NAME);
  return make<_cl_kernel>(program, loaded, *info);
}

}  // namespace

BoundArguments bind_arguments(const _cl_kernel& kernel) {
  const std::lock_guard lock(kernel.mutex);
  BoundArguments bound;
  const _cl_context& context = *kernel.program->context;
  for (const _cl_kernel::Argument& argument : kernel.arguments) {
    require(argument.is_set, CL_INVALID_KERNEL_ARGS);
    device::ArgumentValue value;
    value.bytes = argument.bytes;
    value.local_size = Bytes(argument.local_size);
    if (argument.buffer != nullptr) {
      require(is_live(argument.buffer, Kind::kMemory), CL_INVALID_KERNEL_ARGS);
      value.address = argument.buffer->address;
      bound.buffers.emplace_back(*argument.buffer);
      bound.uses.push_back({argument.buffer->address, Bytes(argument.buffer->size)});
    }
    if (argument.svm != nullptr) {
      const auto range = find_svm(context, argument.svm);
      require(range.has_value(), CL_INVALID_KERNEL_ARGS);
      value.address = DeviceAddress(reinterpret_cast<std::uintptr_t>(argument.svm));
      bound.uses.push_back(use_of(*range));
    }
    bound.values.push_back(std::move(value));
  }
  for (const void* pointer : kernel.svm_pointers)
    if (const auto range = find_svm(context, pointer)) bound.uses.push_back(use_of(*range));
  bound.footprint = footprint_of(bound.uses);
  return bound;
}

namespace api {

cl_kernel CL_API_CALL clCreateKernel(cl_program handle, const char* name, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    _cl_program& program = valid(handle);
    require(name != nullptr, CL_INVALID_VALUE);
    return make_kernel(program, name);
  });
}

cl_int CL_API_CALL clCreateKernelsInProgram(cl_program handle, cl_uint num_kernels,
                                            cl_kernel* kernels, cl_uint* num_kernels_ret) {
  return guarded([&] {
    _cl_program& program = valid(handle);
    const auto loaded = program.executable();
    const auto& all = loaded->metadata().kernels;
    require(kernels == nullptr || num_kernels >= all.size(), CL_INVALID_VALUE);
    if (num_kernels_ret != nullptr) *num_kernels_ret = static_cast<cl_uint>(all.size());
    if (kernels == nullptr) return;
    for (std::size_t i = 0; i < all.size(); ++i) kernels[i] = make_kernel(program, all[i].name);
  });
}

cl_kernel CL_API_CALL clCloneKernel(cl_kernel handle, cl_int* errcode_ret) {
  return creating(errcode_ret, [&] {
    _cl_kernel& source = valid(handle);
    auto* copy = make<_cl_kernel>(*source.program, source.loaded, *source.info);
    const std::lock_guard lock(source.mutex);
    copy->is_uniform = source.is_uniform;
    copy->arguments = source.arguments;
    copy->svm_pointers = source.svm_pointers;
    return copy;
  });
}

cl_int CL_API_CALL clRetainKernel(cl_kernel handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseKernel(cl_kernel handle) { return release(handle); }

cl_int CL_API_CALL clSetKernelArg(cl_kernel handle, cl_uint index, std::size_t size,
                                  const void* value) {
  return guarded([&] {
    _cl_kernel& kernel = valid(handle);
    require(index < kernel.arguments.size(), CL_INVALID_ARG_INDEX);
    const elf::KernelArgument& info = kernel.info->arguments[index];
    const std::lock_guard lock(kernel.mutex);
    _cl_kernel::Argument& argument = kernel.arguments[index];
    switch (info.kind) {
      case elf::ArgumentKind::kValue:
        set_value(argument, info, size, value);
        break;
      case elf::ArgumentKind::kPointer:
        set_buffer(argument, *kernel.program->context, size, value);
        break;
      case elf::ArgumentKind::kLocalPointer:
        require(value == nullptr, CL_INVALID_ARG_VALUE);
        require(size > 0, CL_INVALID_ARG_SIZE);
        argument.local_size = size;
        break;
      case elf::ArgumentKind::kImage:
        throw ApiError{CL_INVALID_MEM_OBJECT};
      case elf::ArgumentKind::kSampler:
        throw ApiError{CL_INVALID_SAMPLER};
    }
    argument.is_set = true;
  });
}

}  // namespace api
}  // namespace isobar::opencl
