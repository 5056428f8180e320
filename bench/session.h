// One OpenCL device as the benchmarks use it: a context, an in-order queue, programs built from
// bench/kernels, and a stopwatch that reads the chip's counters where there are any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/counters.h"
#include "nn/device.h"
#include "nn/opencl.h"

namespace isobar::bench {

struct Measurement {
  double seconds = 0;  // host time from the first enqueue to the queue's end
  std::optional<cl_isobar_counters> counters;
};

class Session {
 public:
  explicit Session(nn::DeviceInfo device);

  /// A kernel of bench/kernels/<file>.cl. Throws UserError with the build log.
  [[nodiscard]] cl::Kernel kernel(const std::string& file, const char* name);
  [[nodiscard]] cl::Program build(const std::string& source, const std::string& options);

  template <class T>
  [[nodiscard]] cl::Buffer buffer(std::span<const T> values) {
    return {context_, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, values.size_bytes(),
            const_cast<T*>(values.data())};
  }
  [[nodiscard]] cl::Buffer buffer(std::size_t bytes) {
    return {context_, CL_MEM_READ_WRITE, bytes};
  }
  template <class T>
  [[nodiscard]] std::vector<T> read(const cl::Buffer& buffer, std::size_t count) {
    std::vector<T> values(count);
    queue_.enqueueReadBuffer(buffer, CL_TRUE, 0, count * sizeof(T), values.data());
    return values;
  }

  [[nodiscard]] Measurement measure(const std::function<void()>& enqueue);

  [[nodiscard]] const nn::DeviceInfo& device() const { return device_; }
  [[nodiscard]] const cl::Context& context() const { return context_; }
  [[nodiscard]] cl::CommandQueue& queue() { return queue_; }

 private:
  nn::DeviceInfo device_;
  cl::Context context_;
  cl::CommandQueue queue_;
  nn::DeviceCounters counters_;
  std::map<std::string, cl::Program> programs_;
};

/// The text of bench/kernels/<file>.cl.
[[nodiscard]] std::string kernel_source(const std::string& file);

}  // namespace isobar::bench
