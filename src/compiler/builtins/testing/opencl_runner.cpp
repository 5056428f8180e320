// KernelRunner on the OpenCL C++ bindings.
#define CL_HPP_TARGET_OPENCL_VERSION 300
#define CL_HPP_MINIMUM_OPENCL_VERSION 300
#define CL_HPP_ENABLE_EXCEPTIONS
#include <CL/opencl.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

#include "compiler/builtins/testing/kernel_runner.h"

namespace isobar::compiler {
namespace {

class OpenClRunner final : public KernelRunner {
 public:
  explicit OpenClRunner(const cl::Device& device)
      : device_(device), context_(device), queue_(context_, device) {}

  void build(const std::string& source) override {
    program_ = cl::Program(context_, source);
    const bool is_3 = device_.getInfo<CL_DEVICE_OPENCL_C_VERSION>().find("OpenCL C 3.") == 0;
    try {
      program_.build(is_3 ? "-cl-std=CL3.0" : "-cl-std=CL1.2");
    } catch (const cl::Error& error) {
      throw std::runtime_error(program_.getBuildInfo<CL_PROGRAM_BUILD_LOG>(device_) + error.what());
    }
  }

  void run(const std::string& name, std::size_t count, std::size_t local,
           std::span<const std::vector<std::byte>> inputs,
           std::span<std::vector<std::byte>> outputs) override {
    cl::Kernel kernel(program_, name.c_str());
    std::vector<cl::Buffer> buffers;
    cl_uint index = 0;
    const auto add = [&](const std::vector<std::byte>& bytes) {
      buffers.emplace_back(context_, CL_MEM_READ_WRITE, bytes.size());
      queue_.enqueueWriteBuffer(buffers.back(), CL_TRUE, 0, bytes.size(), bytes.data());
      kernel.setArg(index++, buffers.back());
    };
    for (const auto& bytes : inputs) add(bytes);
    for (auto& bytes : outputs) {
      std::fill(bytes.begin(), bytes.end(), std::byte{0});
      add(bytes);
    }
    queue_.enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(count),
                                local ? cl::NDRange(local) : cl::NullRange);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      queue_.enqueueReadBuffer(buffers[inputs.size() + i], CL_TRUE, 0, outputs[i].size(),
                               outputs[i].data());
  }

  std::string device() const override { return device_.getInfo<CL_DEVICE_NAME>(); }
  bool has_half() const override { return has("cl_khr_fp16"); }
  bool has_double() const override { return has("cl_khr_fp64"); }

 private:
  bool has(const char* extension) const {
    return device_.getInfo<CL_DEVICE_EXTENSIONS>().find(extension) != std::string::npos;
  }
  cl::Device device_;
  cl::Context context_;
  cl::CommandQueue queue_;
  cl::Program program_;
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::unique_ptr<KernelRunner> make_kernel_runner() {
  const char* wanted = std::getenv("ISOBAR_TEST_DEVICE");
  const std::string pattern = lower(wanted != nullptr ? wanted : "");
  std::vector<cl::Platform> platforms;
  cl::Platform::get(&platforms);
  for (const auto& platform : platforms) {
    std::vector<cl::Device> devices;
    platform.getDevices(CL_DEVICE_TYPE_ALL, &devices);
    for (const auto& device : devices) {
      const std::string name = platform.getInfo<CL_PLATFORM_NAME>() + " " +
                               platform.getInfo<CL_PLATFORM_VERSION>() + " " +
                               device.getInfo<CL_DEVICE_NAME>();
      if (lower(name).find(pattern) != std::string::npos)
        return std::make_unique<OpenClRunner>(device);
    }
  }
  throw std::runtime_error("no OpenCL device whose platform or name contains '" + pattern +
                           "' (ISOBAR_TEST_DEVICE)");
}

}  // namespace isobar::compiler
