// A command queue: commands run one after the other on a thread of the queue's own, each after the
// events it waits for. A queue that was asked to run out of order may run in order too.
//
// When a kernel faults, its event gets CL_OUT_OF_RESOURCES, the commands behind it end with
// CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, and clFinish says so: results that depend on a
// broken kernel are never handed out as good.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "opencl/queue/event.h"

namespace isobar::opencl {

/// The work of a command. Gives CL_SUCCESS or a negative status; fills the event's times.
using Action = std::function<cl_int(_cl_event&)>;
class Worker;

}  // namespace isobar::opencl

struct _cl_command_queue : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kQueue;
  static constexpr cl_int kInvalid = CL_INVALID_COMMAND_QUEUE;

  isobar::opencl::Ref<_cl_context> context;
  std::atomic<cl_command_queue_properties> properties;
  std::vector<cl_queue_properties> property_list;  // as given, for CL_QUEUE_PROPERTIES_ARRAY
  std::atomic<cl_int> failure{CL_SUCCESS};         // of the first command that failed
  std::shared_ptr<isobar::opencl::Worker> worker;

  _cl_command_queue(_cl_context& of, cl_command_queue_properties with);
  ~_cl_command_queue();
  _cl_command_queue(const _cl_command_queue&) = delete;
  _cl_command_queue& operator=(const _cl_command_queue&) = delete;
};

namespace isobar::opencl {

/// Hands a command to the queue. With `blocking`, returns after its end and throws if it failed.
/// `event` receives the command's event if it is not null.
void enqueue(_cl_command_queue& queue, cl_command_type type, WaitList waits, Action action,
             cl_event* event, bool blocking = false);
/// Until everything enqueued so far has ended.
void finish(_cl_command_queue& queue);

}  // namespace isobar::opencl
