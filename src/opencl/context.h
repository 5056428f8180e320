// A context: its device, what it was made with, and the sums of what its kernels did.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "device/views/kernel_stats.h"
#include "opencl/platform.h"

struct _cl_context : isobar::opencl::Object {
  static constexpr auto kKind = isobar::opencl::Kind::kContext;
  static constexpr cl_int kInvalid = CL_INVALID_CONTEXT;

  using Notify = void(CL_CALLBACK*)(const char*, const void*, std::size_t, void*);
  using Destroyed = void(CL_CALLBACK*)(cl_context, void*);

  std::vector<cl_context_properties> properties;
  Notify notify = nullptr;
  void* notify_data = nullptr;
  isobar::device::KernelSums sums;
  std::mutex mutex;
  std::vector<std::pair<Destroyed, void*>> destructor_callbacks;

  _cl_context() = default;
  _cl_context(const _cl_context&) = delete;
  _cl_context& operator=(const _cl_context&) = delete;
  /// Runs the callbacks, in the reverse order of their registration.
  ~_cl_context();

  /// Prints a message for the user, and tells the program if it asked for that.
  void report(const std::string& message) const;
};
