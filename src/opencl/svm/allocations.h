// Shared virtual memory: ranges of the device's global memory that the program reads and writes
// through the same addresses as kernels do, so that structures with pointers in them are shared as
// they are. It needs global memory to lie at guests' addresses in the host (GlobalMemory::
// is_shared); where it does not, the device says that it has none.
//
// The program's loads and stores go to the very bytes that kernels use, so sharing is fine-grained
// (CL_DEVICE_SVM_FINE_GRAIN_BUFFER): maps say what the program is about to do and move nothing.
// Atomics between the host and kernels are not offered.
// Reference: OpenCL API specification 3.0, section 5.6 ("Shared Virtual Memory").
#pragma once

#include <cstddef>
#include <optional>

#include "opencl/context.h"

namespace isobar::opencl {

/// One allocation of clSVMAlloc.
struct SvmRange {
  std::byte* begin = nullptr;
  std::size_t size = 0;
};

[[nodiscard]] cl_device_svm_capabilities svm_capabilities();
/// Throws CL_INVALID_OPERATION on a device without shared virtual memory.
void require_svm();

/// The context's allocation that the pointer points into, or just past.
[[nodiscard]] std::optional<SvmRange> find_svm(const _cl_context& context, const void* pointer);
/// Throws CL_INVALID_VALUE unless one allocation of the context holds the range; it may be empty.
void require_svm_range(const _cl_context& context, const void* pointer, std::size_t size);
/// Frees what clSVMAlloc has returned. False, and nothing is done, if the context has no such
/// allocation.
[[nodiscard]] bool free_svm(const _cl_context& context, const void* pointer);

/// Maps of allocations, by where they begin; an unmap takes one back. False if there is none.
void add_svm_mapping(const _cl_context& context, const void* pointer);
[[nodiscard]] bool take_svm_mapping(const _cl_context& context, const void* pointer);

}  // namespace isobar::opencl
