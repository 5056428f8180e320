#include "opencl/queue/event.h"

#include "opencl/info.h"
#include "opencl/queue/queue.h"

_cl_event::~_cl_event() = default;

cl_int _cl_event::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool _cl_event::set_status(cl_int status) {
  std::vector<Waiting> due;
  {
    const std::lock_guard lock(mutex_);
    if (status_ <= CL_COMPLETE || status >= status_) return false;
    status_ = status;
    std::erase_if(callbacks_, [&](const Waiting& waiting) {
      if (waiting.at >= status) due.push_back(waiting);
      return waiting.at >= status;
    });
    changed_.notify_all();
  }
  // A callback for a status that was passed over gets that status; an error is told as it is.
  for (const Waiting& waiting : due)
    waiting.callback(this, status < 0 ? status : waiting.at, waiting.user_data);
  return true;
}

cl_int _cl_event::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return status_ <= CL_COMPLETE; });
  return status_;
}

void _cl_event::add_callback(cl_int at, Callback callback, void* user_data) {
  cl_int now = 0;
  {
    const std::lock_guard lock(mutex_);
    now = status_;
    if (now > at) {
      callbacks_.push_back({at, callback, user_data});
      return;
    }
  }
  callback(this, now < 0 ? now : at, user_data);
}

namespace isobar::opencl {
namespace {

const InfoRow<_cl_event> kEventInfo[] = {
    {CL_EVENT_COMMAND_QUEUE, [](const _cl_event& e) { return Answer(e.queue.get()); }},
    {CL_EVENT_CONTEXT, [](const _cl_event& e) { return Answer(e.context.get()); }},
    {CL_EVENT_COMMAND_TYPE, [](const _cl_event& e) { return Answer(e.type); }},
    {CL_EVENT_COMMAND_EXECUTION_STATUS, [](const _cl_event& e) { return Answer(e.status()); }},
    {CL_EVENT_REFERENCE_COUNT,
     [](const _cl_event& e) { return Answer(e.program_references.load()); }},
};

Answer nanoseconds(Picoseconds time) { return Answer(cl_ulong{time.count() / 1000}); }

const InfoRow<_cl_event> kProfilingInfo[] = {
    {CL_PROFILING_COMMAND_QUEUED, [](const _cl_event& e) { return nanoseconds(e.queued); }},
    {CL_PROFILING_COMMAND_SUBMIT, [](const _cl_event& e) { return nanoseconds(e.submitted); }},
    {CL_PROFILING_COMMAND_START, [](const _cl_event& e) { return nanoseconds(e.ran.start); }},
    {CL_PROFILING_COMMAND_END, [](const _cl_event& e) { return nanoseconds(e.ran.end); }},
    // No command has children: the device does not enqueue.
    {CL_PROFILING_COMMAND_COMPLETE, [](const _cl_event& e) { return nanoseconds(e.ran.end); }},
};

}  // namespace

WaitList checked_wait_list(const _cl_context& context, cl_uint count, const cl_event* events) {
  require((count == 0) == (events == nullptr), CL_INVALID_EVENT_WAIT_LIST);
  WaitList list;
  for (cl_uint i = 0; i < count; ++i) {
    require(is_live(events[i], Kind::kEvent), CL_INVALID_EVENT_WAIT_LIST);
    require(events[i]->context.get() == &context, CL_INVALID_CONTEXT);
    list.emplace_back(*events[i]);
  }
  return list;
}

namespace api {

cl_event CL_API_CALL clCreateUserEvent(cl_context context, cl_int* errcode_ret) {
  return creating(errcode_ret, [&]() -> cl_event {
    auto* event = make<_cl_event>(valid(context));
    event->set_status(CL_SUBMITTED);
    return event;
  });
}

cl_int CL_API_CALL clSetUserEventStatus(cl_event handle, cl_int status) {
  return guarded([&] {
    _cl_event& event = valid(handle);
    require(event.type == CL_COMMAND_USER, CL_INVALID_EVENT);
    require(status <= CL_COMPLETE, CL_INVALID_VALUE);
    const Ref<_cl_event> keep(event);  // a callback may release it
    require(event.set_status(status), CL_INVALID_OPERATION);
  });
}

cl_int CL_API_CALL clWaitForEvents(cl_uint count, const cl_event* events) {
  return guarded([&] {
    require(count > 0 && events != nullptr, CL_INVALID_VALUE);
    for (cl_uint i = 0; i < count; ++i)
      require(valid(events[i]).context.get() == events[0]->context.get(), CL_INVALID_CONTEXT);
    bool failed = false;
    for (cl_uint i = 0; i < count; ++i) failed = events[i]->wait() < 0 || failed;
    require(!failed, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
  });
}

cl_int CL_API_CALL clGetEventInfo(cl_event handle, cl_event_info name, std::size_t size,
                                  void* value, std::size_t* size_ret) {
  return guarded([&] { answer_from(kEventInfo, valid(handle), name, size, value, size_ret); });
}

cl_int CL_API_CALL clRetainEvent(cl_event handle) { return retain(handle); }
cl_int CL_API_CALL clReleaseEvent(cl_event handle) { return release(handle); }

cl_int CL_API_CALL clSetEventCallback(cl_event handle, cl_int status, _cl_event::Callback callback,
                                      void* user_data) {
  return guarded([&] {
    _cl_event& event = valid(handle);
    require(callback != nullptr, CL_INVALID_VALUE);
    require(status == CL_SUBMITTED || status == CL_RUNNING || status == CL_COMPLETE,
            CL_INVALID_VALUE);
    event.add_callback(status, callback, user_data);
  });
}

cl_int CL_API_CALL clGetEventProfilingInfo(cl_event handle, cl_profiling_info name,
                                           std::size_t size, void* value, std::size_t* size_ret) {
  return guarded([&] {
    const _cl_event& event = valid(handle);
    const bool profiled = event.queue && (event.queue->properties & CL_QUEUE_PROFILING_ENABLE) != 0;
    require(profiled && event.status() == CL_COMPLETE, CL_PROFILING_INFO_NOT_AVAILABLE);
    answer_from(kProfilingInfo, event, name, size, value, size_ret);
  });
}

}  // namespace api
}  // namespace isobar::opencl
