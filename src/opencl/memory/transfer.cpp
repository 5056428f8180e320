// Reads, writes, copies and fills of buffers. The simulated time of one is the bytes it moves over
// the chip's memory bandwidth; the link to the host is not modelled.
#include <bit>
#include <cstring>

#include "opencl/memory/memory.h"
#include "opencl/memory/rectangle.h"
#include "opencl/queue/queue.h"

namespace isobar::opencl {
namespace {

cl_int charge(_cl_event& event, std::size_t bytes_moved) {
  event.ran = the_device().machine->charge_transfer(Bytes(bytes_moved));
  return CL_SUCCESS;
}

void require_host_may(const _cl_mem& buffer, bool read) {
  const cl_mem_flags forbidden =
      CL_MEM_HOST_NO_ACCESS | (read ? CL_MEM_HOST_WRITE_ONLY : CL_MEM_HOST_READ_ONLY);
  require((buffer.flags & forbidden) == 0, CL_INVALID_OPERATION);
}

Box require_box(const std::size_t* origin, const Region& region, std::size_t row_pitch,
                std::size_t slice_pitch) {
  const auto box = make_box(origin, region, row_pitch, slice_pitch);
  if (!box) throw ApiError{CL_INVALID_VALUE};
  return *box;
}

Region region_of(const std::size_t* region) { return {region[0], region[1], region[2]}; }

struct RectangleArguments {
  const std::size_t *buffer_origin, *host_origin, *region;
  std::size_t buffer_row_pitch, buffer_slice_pitch, host_row_pitch, host_slice_pitch;
};

/// Both directions of the transfers between host and device are one function, told apart by `read`.
void enqueue_host_rectangle(_cl_command_queue& queue, cl_mem handle, bool read, bool blocking,
                            const RectangleArguments& a, void* host, WaitList waits,
                            cl_event* event) {
  _cl_mem& buffer = valid_in(*queue.context, handle);
  require_host_may(buffer, read);
  require(host != nullptr && a.buffer_origin != nullptr && a.host_origin != nullptr &&
              a.region != nullptr,
          CL_INVALID_VALUE);
  const Region region = region_of(a.region);
  const Box in_buffer =
      require_box(a.buffer_origin, region, a.buffer_row_pitch, a.buffer_slice_pitch);
  const Box in_host = require_box(a.host_origin, region, a.host_row_pitch, a.host_slice_pitch);
  require(end_of(in_buffer, region) <= buffer.size, CL_INVALID_VALUE);
  auto* bytes = static_cast<std::byte*>(host);
  const Ref<_cl_mem> keep(buffer);
  enqueue(
      queue, read ? CL_COMMAND_READ_BUFFER_RECT : CL_COMMAND_WRITE_BUFFER_RECT, std::move(waits),
      [=](_cl_event& e) {
        if (read)
          copy_box(bytes, in_host, keep->bytes(), in_buffer, region);
        else
          copy_box(keep->bytes(), in_buffer, bytes, in_host, region);
        return charge(e, region[0] * region[1] * region[2]);
      },
      event, blocking);
}

void enqueue_host_range(_cl_command_queue& queue, cl_mem handle, bool read, bool blocking,
                        std::size_t offset, std::size_t size, void* host, WaitList waits,
                        cl_event* event) {
  _cl_mem& buffer = valid_in(*queue.context, handle);
  require_host_may(buffer, read);
  require(host != nullptr, CL_INVALID_VALUE);
  require_range(buffer, offset, size);
  const Ref<_cl_mem> keep(buffer);
  enqueue(
      queue, read ? CL_COMMAND_READ_BUFFER : CL_COMMAND_WRITE_BUFFER, std::move(waits),
      [=](_cl_event& e) {
        std::byte* device = keep->bytes() + offset;
        // The program's range may be the buffer's own: mapped, or shared virtual memory.
        std::memmove(read ? host : device, read ? device : host, size);
        return charge(e, size);
      },
      event, blocking);
}

}  // namespace

std::vector<std::byte> checked_pattern(const void* pattern, std::size_t size) {
  constexpr std::size_t kLargest = 128;  // long16 and double16
  require(pattern != nullptr && std::has_single_bit(size) && size <= kLargest, CL_INVALID_VALUE);
  const auto* begin = static_cast<const std::byte*>(pattern);
  return {begin, begin + size};
}

void fill(std::byte* to, std::size_t size, const std::vector<std::byte>& pattern) {
  if (size == 0) return;
  // Doubles the filled part instead of placing the pattern one by one.
  std::memcpy(to, pattern.data(), pattern.size());
  for (std::size_t done = pattern.size(); done < size;) {
    const std::size_t step = std::min(done, size - done);
    std::memcpy(to + done, to, step);
    done += step;
  }
}

namespace api {

cl_int CL_API_CALL clEnqueueReadBuffer(cl_command_queue queue_handle, cl_mem buffer,
                                       cl_bool blocking, std::size_t offset, std::size_t size,
                                       void* host, cl_uint count, const cl_event* events,
                                       cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    enqueue_host_range(queue, buffer, true, blocking != CL_FALSE, offset, size, host,
                       checked_wait_list(*queue.context, count, events), event);
  });
}

cl_int CL_API_CALL clEnqueueWriteBuffer(cl_command_queue queue_handle, cl_mem buffer,
                                        cl_bool blocking, std::size_t offset, std::size_t size,
                                        const void* host, cl_uint count, const cl_event* events,
                                        cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    enqueue_host_range(queue, buffer, false, blocking != CL_FALSE, offset, size,
                       const_cast<void*>(host), checked_wait_list(*queue.context, count, events),
                       event);
  });
}

cl_int CL_API_CALL clEnqueueReadBufferRect(cl_command_queue queue_handle, cl_mem buffer,
                                           cl_bool blocking, const std::size_t* buffer_origin,
                                           const std::size_t* host_origin,
                                           const std::size_t* region, std::size_t buffer_row_pitch,
                                           std::size_t buffer_slice_pitch,
                                           std::size_t host_row_pitch, std::size_t host_slice_pitch,
                                           void* host, cl_uint count, const cl_event* events,
                                           cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    enqueue_host_rectangle(queue, buffer, true, blocking != CL_FALSE,
                           {buffer_origin, host_origin, region, buffer_row_pitch,
                            buffer_slice_pitch, host_row_pitch, host_slice_pitch},
                           host, checked_wait_list(*queue.context, count, events), event);
  });
}

cl_int CL_API_CALL clEnqueueWriteBufferRect(
    cl_command_queue queue_handle, cl_mem buffer, cl_bool blocking,
    const std::size_t* buffer_origin, const std::size_t* host_origin, const std::size_t* region,
    std::size_t buffer_row_pitch, std::size_t buffer_slice_pitch, std::size_t host_row_pitch,
    std::size_t host_slice_pitch, const void* host, cl_uint count, const cl_event* events,
    cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    enqueue_host_rectangle(queue, buffer, false, blocking != CL_FALSE,
                           {buffer_origin, host_origin, region, buffer_row_pitch,
                            buffer_slice_pitch, host_row_pitch, host_slice_pitch},
                           const_cast<void*>(host),
                           checked_wait_list(*queue.context, count, events), event);
  });
}

cl_int CL_API_CALL clEnqueueCopyBuffer(cl_command_queue queue_handle, cl_mem from_handle,
                                       cl_mem to_handle, std::size_t from_offset,
                                       std::size_t to_offset, std::size_t size, cl_uint count,
                                       const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    _cl_mem& from = valid_in(*queue.context, from_handle);
    _cl_mem& to = valid_in(*queue.context, to_handle);
    require_range(from, from_offset, size);
    require_range(to, to_offset, size);
    // By address: sub-buffers and buffers over shared virtual memory may be parts of one another.
    const DeviceAddress a = from.address + Bytes(from_offset);
    const DeviceAddress b = to.address + Bytes(to_offset);
    require(a + Bytes(size) <= b || b + Bytes(size) <= a, CL_MEM_COPY_OVERLAP);
    const Ref<_cl_mem> source(from);
    const Ref<_cl_mem> target(to);
    enqueue(
        queue, CL_COMMAND_COPY_BUFFER, checked_wait_list(*queue.context, count, events),
        [=](_cl_event& e) {
          std::memcpy(target->bytes() + to_offset, source->bytes() + from_offset, size);
          return charge(e, 2 * size);
        },
        event);
  });
}

cl_int CL_API_CALL clEnqueueCopyBufferRect(cl_command_queue queue_handle, cl_mem from_handle,
                                           cl_mem to_handle, const std::size_t* from_origin,
                                           const std::size_t* to_origin,
                                           const std::size_t* region_handle,
                                           std::size_t from_row_pitch, std::size_t from_slice_pitch,
                                           std::size_t to_row_pitch, std::size_t to_slice_pitch,
                                           cl_uint count, const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    _cl_mem& from = valid_in(*queue.context, from_handle);
    _cl_mem& to = valid_in(*queue.context, to_handle);
    require(from_origin != nullptr && to_origin != nullptr && region_handle != nullptr,
            CL_INVALID_VALUE);
    const Region region = region_of(region_handle);
    const Box in_from = require_box(from_origin, region, from_row_pitch, from_slice_pitch);
    const Box in_to = require_box(to_origin, region, to_row_pitch, to_slice_pitch);
    require(end_of(in_from, region) <= from.size && end_of(in_to, region) <= to.size,
            CL_INVALID_VALUE);
    require(&from != &to ||
                (in_from.row_pitch == in_to.row_pitch && in_from.slice_pitch == in_to.slice_pitch),
            CL_INVALID_VALUE);
    Box whole_from = in_from;
    Box whole_to = in_to;
    whole_from.start += from.address.value();
    whole_to.start += to.address.value();
    require(!overlap(whole_from, whole_to, region), CL_MEM_COPY_OVERLAP);
    const Ref<_cl_mem> source(from);
    const Ref<_cl_mem> target(to);
    enqueue(
        queue, CL_COMMAND_COPY_BUFFER_RECT, checked_wait_list(*queue.context, count, events),
        [=](_cl_event& e) {
          copy_box(target->bytes(), in_to, source->bytes(), in_from, region);
          return charge(e, 2 * region[0] * region[1] * region[2]);
        },
        event);
  });
}

cl_int CL_API_CALL clEnqueueFillBuffer(cl_command_queue queue_handle, cl_mem handle,
                                       const void* pattern, std::size_t pattern_size,
                                       std::size_t offset, std::size_t size, cl_uint count,
                                       const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    _cl_mem& buffer = valid_in(*queue.context, handle);
    const std::vector<std::byte> bytes = checked_pattern(pattern, pattern_size);
    require(offset % pattern_size == 0 && size % pattern_size == 0, CL_INVALID_VALUE);
    if (size > 0) require_range(buffer, offset, size);
    const Ref<_cl_mem> keep(buffer);
    enqueue(
        queue, CL_COMMAND_FILL_BUFFER, checked_wait_list(*queue.context, count, events),
        [=](_cl_event& e) {
          fill(keep->bytes() + offset, size, bytes);
          return charge(e, size);
        },
        event);
  });
}

cl_int CL_API_CALL clEnqueueMigrateMemObjects(cl_command_queue queue_handle, cl_uint num_objects,
                                              const cl_mem* objects, cl_mem_migration_flags flags,
                                              cl_uint count, const cl_event* events,
                                              cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(queue_handle);
    require(num_objects > 0 && objects != nullptr, CL_INVALID_VALUE);
    constexpr cl_mem_migration_flags kKnown =
        CL_MIGRATE_MEM_OBJECT_HOST | CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED;
    require((flags & ~kKnown) == 0, CL_INVALID_VALUE);
    for (cl_uint i = 0; i < num_objects; ++i) (void)valid_in(*queue.context, objects[i]);
    // There is one device, and everything is on it.
    enqueue(
        queue, CL_COMMAND_MIGRATE_MEM_OBJECTS, checked_wait_list(*queue.context, count, events),
        [](_cl_event& e) { return charge(e, 0); }, event);
  });
}

}  // namespace api
}  // namespace isobar::opencl
