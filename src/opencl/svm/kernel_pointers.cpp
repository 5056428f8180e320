// Shared virtual memory that a kernel is given: as an argument, or to find through pointers.
#include <cstring>

#include "opencl/program/kernel.h"
#include "opencl/svm/allocations.h"

namespace isobar::opencl {
namespace {

void set_svm_pointers(_cl_kernel& kernel, std::size_t size, const void* value) {
  require(size % sizeof(void*) == 0 && (value != nullptr || size == 0), CL_INVALID_VALUE);
  std::vector<const void*> pointers(size / sizeof(void*));
  if (size > 0) std::memcpy(pointers.data(), value, size);
  for (const void* pointer : pointers) require_svm_range(*kernel.program->context, pointer, 0);
  const std::lock_guard lock(kernel.mutex);
  kernel.svm_pointers = std::move(pointers);
}

/// Memory that comes from anywhere is not shared, and a kernel may be told so.
void set_fine_grain_system(std::size_t size, const void* value) {
  require(size == sizeof(cl_bool) && value != nullptr, CL_INVALID_VALUE);
  cl_bool wanted = CL_FALSE;
  std::memcpy(&wanted, value, sizeof wanted);
  require(wanted == CL_FALSE, CL_INVALID_OPERATION);
}

}  // namespace

namespace api {

cl_int CL_API_CALL clSetKernelArgSVMPointer(cl_kernel handle, cl_uint index, const void* pointer) {
  return guarded([&] {
    _cl_kernel& kernel = valid(handle);
    require_svm();
    require(index < kernel.arguments.size(), CL_INVALID_ARG_INDEX);
    // Pointers to global and constant memory; local ones are of another kind.
    require(kernel.info->arguments[index].kind == elf::ArgumentKind::kPointer,
            CL_INVALID_ARG_VALUE);
    // Null is a pointer too, as with clSetKernelArg.
    require(pointer == nullptr || find_svm(*kernel.program->context, pointer),
            CL_INVALID_ARG_VALUE);
    const std::lock_guard lock(kernel.mutex);
    _cl_kernel::Argument& argument = kernel.arguments[index];
    argument.buffer = nullptr;
    argument.svm = pointer;
    argument.is_set = true;
  });
}

cl_int CL_API_CALL clSetKernelExecInfo(cl_kernel handle, cl_kernel_exec_info name, std::size_t size,
                                       const void* value) {
  return guarded([&] {
    _cl_kernel& kernel = valid(handle);
    require_svm();
    if (name == CL_KERNEL_EXEC_INFO_SVM_PTRS)
      set_svm_pointers(kernel, size, value);
    else if (name == CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM)
      set_fine_grain_system(size, value);
    else
      throw ApiError{CL_INVALID_VALUE};
  });
}

}  // namespace api
}  // namespace isobar::opencl
