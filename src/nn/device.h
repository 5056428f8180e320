// Finding an OpenCL device and holding what every layer needs of it: the context, one in-order
// queue and the kernels of kernels/*.cl, built once. Any OpenCL device will do.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/opencl.h"

namespace isobar::nn {

struct DeviceInfo {
  std::string platform;
  std::string device;
  std::string version;  // CL_DEVICE_VERSION
  std::string driver;   // CL_DRIVER_VERSION
  cl::Device handle;
  /// "platform/device", how messages call it.
  [[nodiscard]] std::string full_name() const { return platform + "/" + device; }
};

/// Every device of every platform, in the loader's order. Empty when there is no platform.
[[nodiscard]] std::vector<DeviceInfo> list_devices();

/// The device whose number (in list_devices) `pattern` is, or else the first whose
/// "platform/device" contains it, letter case aside. An empty pattern picks the first Isobar
/// device, else the first. Throws UserError listing the devices there are.
[[nodiscard]] DeviceInfo choose_device(std::string_view pattern);

class ClContext {
 public:
  /// Builds the kernels for the device. Throws UserError with the build log if that fails, and
  /// cl::Error for the driver's own failures.
  explicit ClContext(DeviceInfo device);

  [[nodiscard]] const DeviceInfo& device() const { return device_; }
  [[nodiscard]] const cl::Context& context() const { return context_; }
  [[nodiscard]] cl::CommandQueue& queue() { return queue_; }  // in order, profiling on
  /// The kernel of that name; it is a programmer's error (std::out_of_range) if there is none.
  [[nodiscard]] cl::Kernel& kernel(const std::string& name) { return kernels_.at(name); }
  /// Bytes of all buffers that allocate() (tensor.h) made here, also of those that are gone.
  [[nodiscard]] std::uint64_t allocated() const { return allocated_; }
  void add_allocated(std::uint64_t bytes) { allocated_ += bytes; }

 private:
  void build(const std::string& source);

  DeviceInfo device_;
  cl::Context context_;
  cl::CommandQueue queue_;
  std::map<std::string, cl::Kernel> kernels_;
  std::uint64_t allocated_ = 0;
};

/// A sentence for a driver's error: the call, its code by name and the remedy where there is one.
[[nodiscard]] std::string describe(const cl::Error& error);

}  // namespace isobar::nn
