// An event: the status of a command or of the user's own making, who waits for it, and when it
// happened on the simulated clock.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "device/device.h"
#include "opencl/context.h"

struct _cl_command_queue;

struct _cl_event : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kEvent;
  static constexpr cl_int kInvalid = CL_INVALID_EVENT;

  using Callback = void(CL_CALLBACK*)(cl_event, cl_int, void*);

  isobar::opencl::Ref<_cl_context> context;
  isobar::opencl::Ref<_cl_command_queue> queue;  // none for a user event
  cl_command_type type = CL_COMMAND_USER;

  explicit _cl_event(_cl_context& of) : context(of) {}
  ~_cl_event();
  _cl_event(const _cl_event&) = delete;
  _cl_event& operator=(const _cl_event&) = delete;

  [[nodiscard]] cl_int status() const;
  /// Moves on to a later status (they fall: queued 3 ... complete 0, then errors), wakes who waits
  /// and runs the callbacks that are due. False if the event had already ended.
  bool set_status(cl_int status);
  /// Until the event has ended; gives CL_COMPLETE or the negative error.
  cl_int wait();
  void add_callback(cl_int at, Callback callback, void* user_data);

  // Written by the worker before it sets CL_COMPLETE, read after.
  isobar::Picoseconds queued, submitted;
  isobar::device::Interval ran;
  std::optional<isobar::device::KernelStats> stats;

 private:
  struct Waiting {
    cl_int at;
    Callback callback;
    void* user_data;
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  cl_int status_ = CL_QUEUED;
  std::vector<Waiting> callbacks_;
};

namespace isobar::opencl {

using WaitList = std::vector<Ref<_cl_event>>;

/// The events of an API call's wait list. Throws CL_INVALID_EVENT_WAIT_LIST or CL_INVALID_CONTEXT.
[[nodiscard]] WaitList checked_wait_list(const _cl_context& context, cl_uint count,
                                         const cl_event* events);

}  // namespace isobar::opencl
