// What the simulated chip counted, through its OpenCL extension (include/isobar/cl_isobar.h). On
// any other device there is nothing to read.
#pragma once

#include <optional>

#include "isobar/cl_isobar.h"
#include "nn/opencl.h"

namespace isobar::bench {

class CounterReader {
 public:
  explicit CounterReader(const cl::Device& device);
  void reset(const cl::Context& context) const;
  /// Summed over all kernels since the last reset; nothing if the device has no counters.
  [[nodiscard]] std::optional<cl_isobar_counters> read(const cl::Context& context) const;

 private:
  clGetContextCountersISOBAR_fn get_ = nullptr;
  clResetContextCountersISOBAR_fn reset_ = nullptr;
};

[[nodiscard]] double thread_instructions(const cl_isobar_counters& counters);
/// Active lanes per existing lane of the issued warp instructions, 0..1.
[[nodiscard]] double simd_efficiency(const cl_isobar_counters& counters);

}  // namespace isobar::bench
