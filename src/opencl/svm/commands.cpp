// Commands on shared virtual memory: copies, fills, maps, migration and frees.
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "opencl/memory/memory.h"
#include "opencl/queue/queue.h"
#include "opencl/svm/allocations.h"

namespace isobar::opencl {
namespace {

/// A queue of a device that has shared virtual memory.
_cl_command_queue& svm_queue(cl_command_queue handle) {
  _cl_command_queue& queue = valid(handle);
  require_svm();
  return queue;
}

cl_int charge(_cl_event& event, std::size_t bytes_moved) {
  event.ran = the_device().machine->charge_transfer(Bytes(bytes_moved));
  return CL_SUCCESS;
}

/// Bytes that a copy moves over the chip's memory at one of its ends: none where that is memory of
/// the program's own. A range that begins in global memory has to lie in one allocation there, of
/// this context, or in a buffer (which may be mapped).
std::size_t device_bytes(const _cl_context& context, const void* pointer, std::size_t size) {
  const simt::GlobalMemory& memory = the_device().machine->memory();
  if (!memory.contains(pointer)) return 0;
  if (find_svm(context, pointer)) {
    require_svm_range(context, pointer, size);
  } else {
    const DeviceAddress address(reinterpret_cast<std::uintptr_t>(pointer));
    require(memory.is_allocated(address, Bytes(size)), CL_INVALID_VALUE);
  }
  return size;
}

bool overlap(const void* a, const void* b, std::size_t size) {
  const auto at_a = reinterpret_cast<std::uintptr_t>(a);
  const auto at_b = reinterpret_cast<std::uintptr_t>(b);
  return at_a < at_b ? at_b - at_a < size : at_a - at_b < size;
}

void require_map_flags(cl_map_flags flags) {
  constexpr cl_map_flags kKnown = CL_MAP_READ | CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION;
  require((flags & ~kKnown) == 0, CL_INVALID_VALUE);
  const bool invalidates = (flags & CL_MAP_WRITE_INVALIDATE_REGION) != 0;
  require(!invalidates || (flags & (CL_MAP_READ | CL_MAP_WRITE)) == 0, CL_INVALID_VALUE);
}

using FreeFunction = void(CL_CALLBACK*)(cl_command_queue, cl_uint, void**, void*);

void free_all(const _cl_context& context, const std::vector<void*>& pointers) {
  for (void* pointer : pointers)
    if (pointer != nullptr && !free_svm(context, pointer))
      context.report(
          fmt::format("isobar: clEnqueueSVMFree: {} was freed before the command ran\n", pointer));
}

/// Whether clSVMAlloc has returned this pointer; null stands for nothing, as with clSVMFree.
bool may_be_freed(const _cl_context& context, const void* pointer) {
  const auto range = find_svm(context, pointer);
  return pointer == nullptr || (range && range->begin == pointer);
}

}  // namespace

namespace api {

cl_int CL_API_CALL clEnqueueSVMFree(cl_command_queue handle, cl_uint num_pointers, void* pointers[],
                                    FreeFunction function, void* user_data, cl_uint count,
                                    const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    require((num_pointers == 0) == (pointers == nullptr), CL_INVALID_VALUE);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    std::vector<void*> list(pointers, pointers + num_pointers);
    if (function == nullptr)
      for (const void* pointer : list)
        require(may_be_freed(*queue.context, pointer), CL_INVALID_VALUE);
    enqueue(
        queue, CL_COMMAND_SVM_FREE, std::move(waits),
        [=](_cl_event& e) mutable {
          if (function != nullptr)
            function(e.queue.get(), num_pointers, list.data(), user_data);
          else
            free_all(*e.context, list);
          return charge(e, 0);
        },
        event);
  });
}

cl_int CL_API_CALL clEnqueueSVMMemcpy(cl_command_queue handle, cl_bool blocking, void* to,
                                      const void* from, std::size_t size, cl_uint count,
                                      const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    require(to != nullptr && from != nullptr, CL_INVALID_VALUE);
    require(!overlap(to, from, size), CL_MEM_COPY_OVERLAP);
    const std::size_t moved =
        device_bytes(*queue.context, to, size) + device_bytes(*queue.context, from, size);
    enqueue(
        queue, CL_COMMAND_SVM_MEMCPY, std::move(waits),
        [=](_cl_event& e) {
          std::memcpy(to, from, size);
          return charge(e, moved);
        },
        event, blocking != CL_FALSE);
  });
}

cl_int CL_API_CALL clEnqueueSVMMemFill(cl_command_queue handle, void* pointer, const void* pattern,
                                       std::size_t pattern_size, std::size_t size, cl_uint count,
                                       const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    require(pointer != nullptr, CL_INVALID_VALUE);
    const std::vector<std::byte> bytes = checked_pattern(pattern, pattern_size);
    require(reinterpret_cast<std::uintptr_t>(pointer) % pattern_size == 0, CL_INVALID_VALUE);
    require(size % pattern_size == 0, CL_INVALID_VALUE);
    require_svm_range(*queue.context, pointer, size);
    enqueue(
        queue, CL_COMMAND_SVM_MEMFILL, std::move(waits),
        [=](_cl_event& e) {
          fill(static_cast<std::byte*>(pointer), size, bytes);
          return charge(e, size);
        },
        event);
  });
}

cl_int CL_API_CALL clEnqueueSVMMap(cl_command_queue handle, cl_bool blocking, cl_map_flags flags,
                                   void* pointer, std::size_t size, cl_uint count,
                                   const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    require(pointer != nullptr && size > 0, CL_INVALID_VALUE);
    require_map_flags(flags);
    require_svm_range(*queue.context, pointer, size);
    add_svm_mapping(*queue.context, pointer);
    try {
      enqueue(
          queue, CL_COMMAND_SVM_MAP, std::move(waits), [](_cl_event& e) { return charge(e, 0); },
          event, blocking != CL_FALSE);
    } catch (...) {
      (void)take_svm_mapping(*queue.context, pointer);
      throw;
    }
  });
}

cl_int CL_API_CALL clEnqueueSVMUnmap(cl_command_queue handle, void* pointer, cl_uint count,
                                     const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    // The standard leaves open what an unmap of something else does; here it is refused.
    require(take_svm_mapping(*queue.context, pointer), CL_INVALID_VALUE);
    enqueue(
        queue, CL_COMMAND_SVM_UNMAP, std::move(waits), [](_cl_event& e) { return charge(e, 0); },
        event);
  });
}

cl_int CL_API_CALL clEnqueueSVMMigrateMem(cl_command_queue handle, cl_uint num_pointers,
                                          const void** pointers, const std::size_t* sizes,
                                          cl_mem_migration_flags flags, cl_uint count,
                                          const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = svm_queue(handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    require(num_pointers > 0 && pointers != nullptr, CL_INVALID_VALUE);
    constexpr cl_mem_migration_flags kKnown =
        CL_MIGRATE_MEM_OBJECT_HOST | CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED;
    require((flags & ~kKnown) == 0, CL_INVALID_VALUE);
    for (cl_uint i = 0; i < num_pointers; ++i)
      require_svm_range(*queue.context, pointers[i], sizes != nullptr ? sizes[i] : 0);
    // There is one device, and everything is on it.
    enqueue(
        queue, CL_COMMAND_SVM_MIGRATE_MEM, std::move(waits),
        [](_cl_event& e) { return charge(e, 0); }, event);
  });
}

}  // namespace api
}  // namespace isobar::opencl
