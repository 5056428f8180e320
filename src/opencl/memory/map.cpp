// Mapping buffers into the program's memory and back.
#include <algorithm>
#include <cstring>

#include "opencl/memory/memory.h"
#include "opencl/queue/queue.h"

namespace isobar::opencl {
namespace {

constexpr cl_map_flags kWrites = CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION;

void check_map_flags(const _cl_mem& buffer, cl_map_flags flags) {
  require((flags & ~(CL_MAP_READ | kWrites)) == 0, CL_INVALID_VALUE);
  const bool invalidates = (flags & CL_MAP_WRITE_INVALIDATE_REGION) != 0;
  require(!invalidates || (flags & (CL_MAP_READ | CL_MAP_WRITE)) == 0, CL_INVALID_VALUE);
  constexpr cl_mem_flags kNoRead = CL_MEM_HOST_WRITE_ONLY | CL_MEM_HOST_NO_ACCESS;
  constexpr cl_mem_flags kNoWrite = CL_MEM_HOST_READ_ONLY | CL_MEM_HOST_NO_ACCESS;
  require((flags & CL_MAP_READ) == 0 || (buffer.flags & kNoRead) == 0, CL_INVALID_OPERATION);
  require((flags & kWrites) == 0 || (buffer.flags & kNoWrite) == 0, CL_INVALID_OPERATION);
}

/// Where the program sees the range: its own memory if it gave some, else the simulator's.
std::byte* host_view(const _cl_mem& buffer, std::size_t offset) {
  std::byte* base = buffer.host_pointer != nullptr ? static_cast<std::byte*>(buffer.host_pointer)
                                                   : buffer.bytes();
  return base + offset;
}

_cl_mem::Mapping take_mapping(_cl_mem& buffer, void* pointer) {
  const std::lock_guard lock(buffer.mutex);
  const auto found = std::ranges::find(buffer.mappings, static_cast<std::byte*>(pointer),
                                       &_cl_mem::Mapping::pointer);
  require(found != buffer.mappings.end(), CL_INVALID_VALUE);
  const _cl_mem::Mapping mapping = *found;
  buffer.mappings.erase(found);
  return mapping;
}

}  // namespace

namespace api {

void* CL_API_CALL clEnqueueMapBuffer(cl_command_queue queue_handle, cl_mem handle, cl_bool blocking,
                                     cl_map_flags flags, std::size_t offset, std::size_t size,
                                     cl_uint count, const cl_event* events, cl_event* event,
                                     cl_int* errcode_ret) {
  return creating(errcode_ret, [&]() -> void* {
    _cl_command_queue& queue = valid(queue_handle);
    _cl_mem& buffer = valid_in(*queue.context, handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    check_map_flags(buffer, flags);
    require_range(buffer, offset, size);
    std::byte* pointer = host_view(buffer, offset);
    {
      const std::lock_guard lock(buffer.mutex);
      buffer.mappings.push_back({pointer, offset, size, flags});
    }
    const Ref<_cl_mem> keep(buffer);
    try {
      enqueue(
          queue, CL_COMMAND_MAP_BUFFER, std::move(waits),
          [=](_cl_event& e) {
            const bool copies = keep->has_twin() && (flags & CL_MAP_WRITE_INVALIDATE_REGION) == 0;
            if (copies) std::memcpy(pointer, keep->bytes() + offset, size);
            e.ran = the_device().machine->charge_transfer(Bytes(copies ? size : 0));
            return CL_SUCCESS;
          },
          event, blocking != CL_FALSE);
    } catch (const ApiError&) {
      (void)take_mapping(buffer, pointer);
      throw ApiError{CL_MAP_FAILURE};
    }
    return pointer;
  });
}

cl_int CL_API_CALL clEnqueueUnmapMemObject(cl_command_queue queue_handle, cl_mem handle,
                                           void* pointer, cl_uint count, const cl_event* events,
                                           cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    _cl_mem& buffer = valid_in(*queue.context, handle);
    WaitList waits = checked_wait_list(*queue.context, count, events);
    const _cl_mem::Mapping mapping = take_mapping(buffer, pointer);
    const Ref<_cl_mem> keep(buffer);
    enqueue(
        queue, CL_COMMAND_UNMAP_MEM_OBJECT, std::move(waits),
        [=](_cl_event& e) {
          const bool copies = keep->has_twin() && (mapping.flags & kWrites) != 0;
          if (copies) std::memcpy(keep->bytes() + mapping.offset, mapping.pointer, mapping.size);
          e.ran = the_device().machine->charge_transfer(Bytes(copies ? mapping.size : 0));
          return CL_SUCCESS;
        },
        event);
  });
}

}  // namespace api
}  // namespace isobar::opencl
