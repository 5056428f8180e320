// Markers and barriers, in today's and the older forms. In an in-order queue both mean the same:
// a command that does nothing, after all earlier ones and the events it waits for.
#include "opencl/queue/queue.h"

namespace isobar::opencl {
namespace {

cl_int do_nothing(_cl_event& event) {
  const Picoseconds now = the_device().machine->now();
  event.ran = {now, now};
  return CL_SUCCESS;
}

cl_int enqueue_nothing(cl_command_queue handle, cl_command_type type, cl_uint count,
                       const cl_event* events, cl_event* event) {
  return guarded([&] {
    _cl_command_queue& queue = valid(handle);
    enqueue(queue, type, checked_wait_list(*queue.context, count, events), do_nothing, event);
  });
}

}  // namespace

namespace api {

cl_int CL_API_CALL clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint count,
                                               const cl_event* events, cl_event* event) {
  return enqueue_nothing(queue, CL_COMMAND_MARKER, count, events, event);
}

cl_int CL_API_CALL clEnqueueBarrierWithWaitList(cl_command_queue queue, cl_uint count,
                                                const cl_event* events, cl_event* event) {
  return enqueue_nothing(queue, CL_COMMAND_BARRIER, count, events, event);
}

cl_int CL_API_CALL clEnqueueMarker(cl_command_queue queue, cl_event* event) {
  if (event == nullptr) return CL_INVALID_VALUE;
  return enqueue_nothing(queue, CL_COMMAND_MARKER, 0, nullptr, event);
}

cl_int CL_API_CALL clEnqueueBarrier(cl_command_queue queue) {
  return enqueue_nothing(queue, CL_COMMAND_BARRIER, 0, nullptr, nullptr);
}

cl_int CL_API_CALL clEnqueueWaitForEvents(cl_command_queue queue, cl_uint count,
                                          const cl_event* events) {
  if (count == 0 || events == nullptr) return CL_INVALID_VALUE;
  const cl_int code = enqueue_nothing(queue, CL_COMMAND_BARRIER, count, events, nullptr);
  return code == CL_INVALID_EVENT_WAIT_LIST ? CL_INVALID_EVENT : code;
}

}  // namespace api
}  // namespace isobar::opencl
