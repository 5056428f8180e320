// Buffers and sub-buffers: a range of the device's global memory. A mapped buffer is handed out as
// the simulator's own host view of that range; one made with CL_MEM_USE_HOST_PTR is copied to the
// program's memory when mapped and back when unmapped, as a card behind a bus would do it.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "opencl/context.h"

struct _cl_mem : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kMemory;
  static constexpr cl_int kInvalid = CL_INVALID_MEM_OBJECT;

  using Destroyed = void(CL_CALLBACK*)(cl_mem, void*);
  struct Mapping {
    std::byte* pointer;
    std::size_t offset, size;
    cl_map_flags flags;
  };

  isobar::opencl::Ref<_cl_context> context;
  isobar::opencl::Ref<_cl_mem> parent;  // of a sub-buffer
  cl_mem_flags flags = 0;
  std::size_t size = 0;
  std::size_t origin = 0;  // in the parent
  void* host_pointer = nullptr;
  isobar::DeviceAddress address;
  bool owns_memory = false;
  bool uses_svm = false;  // the memory is an allocation of clSVMAlloc, and so is host_pointer
  std::vector<cl_mem_properties> property_list;
  mutable std::mutex mutex;
  std::vector<std::pair<Destroyed, void*>> destructor_callbacks;
  std::vector<Mapping> mappings;

  explicit _cl_mem(_cl_context& of) : context(of) {}
  _cl_mem(const _cl_mem&) = delete;
  _cl_mem& operator=(const _cl_mem&) = delete;
  /// Frees the memory, then runs the callbacks in the reverse order of their registration.
  ~_cl_mem();

  /// The simulator's host view of the first byte.
  [[nodiscard]] std::byte* bytes() const;
  /// Whether the program has bytes of its own, which maps and unmaps keep alike.
  [[nodiscard]] bool has_twin() const { return host_pointer != nullptr && !uses_svm; }
};

namespace isobar::opencl {

/// Throws unless [offset, offset + size) lies inside the buffer and size is not zero.
void require_range(const _cl_mem& buffer, std::size_t offset, std::size_t size);
/// The buffer behind a handle, of this context.
[[nodiscard]] _cl_mem& valid_in(const _cl_context& context, cl_mem handle);
/// What CL_DEVICE_MAX_MEM_ALLOC_SIZE says.
[[nodiscard]] std::size_t largest_allocation();

/// A copy of a fill's pattern. Throws CL_INVALID_VALUE unless it is as long as some OpenCL type.
[[nodiscard]] std::vector<std::byte> checked_pattern(const void* pattern, std::size_t size);
/// The pattern, over and over; the size is a multiple of the pattern's, or zero.
void fill(std::byte* to, std::size_t size, const std::vector<std::byte>& pattern);

}  // namespace isobar::opencl
