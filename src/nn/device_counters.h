// What the simulated chip counts, through its OpenCL extension (include/isobar/cl_isobar.h). On any
// other device there is nothing to read.
#pragma once

#include <optional>
#include <vector>

#include "isobar/cl_isobar.h"
#include "nn/opencl.h"

namespace isobar::nn {

/// Failed calls throw cl::Error.
class DeviceCounters {
 public:
  /// Throws UserError if the device names the extension and has not its functions.
  explicit DeviceCounters(const cl::Device& device);

  [[nodiscard]] bool exist() const { return get_ != nullptr; }
  [[nodiscard]] const std::optional<cl_isobar_chip>& chip() const { return chip_; }
  /// Nothing happens, and there are no rows, on a device without counters.
  void reset(const cl::Context& context) const;
  /// One for each kernel that was launched since the last reset.
  [[nodiscard]] std::vector<cl_isobar_kernel_row> rows(const cl::Context& context) const;
  /// The device's clock; call it when the queue is empty. Nothing on a device without counters.
  [[nodiscard]] std::optional<std::uint64_t> picoseconds() const;
  /// Forgets what only timing knows (clRestartTimingISOBAR). Call it when the queue is empty.
  void restart_timing() const;

 private:
  clGetContextCountersISOBAR_fn get_ = nullptr;
  clResetContextCountersISOBAR_fn reset_ = nullptr;
  clGetDeviceTimeISOBAR_fn time_ = nullptr;
  clRestartTimingISOBAR_fn restart_ = nullptr;
  cl_device_id device_ = nullptr;
  std::optional<cl_isobar_chip> chip_;
};

void add(cl_isobar_counters& sum, const cl_isobar_counters& other);

}  // namespace isobar::nn
