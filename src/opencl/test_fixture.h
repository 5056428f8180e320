// What the OpenCL tests share. They are ordinary OpenCL programs in C: by default they run on the
// simulated chip, with ISOBAR_TEST_DEVICE=pocl they hold the tests themselves to account.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "opencl/cl_headers.h"

namespace isobar::opencl::test {

inline std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

inline std::string platform_text(cl_platform_id platform, cl_platform_info what) {
  std::size_t size = 0;
  EXPECT_EQ(clGetPlatformInfo(platform, what, 0, nullptr, &size), CL_SUCCESS);
  std::string text(size, '\0');
  EXPECT_EQ(clGetPlatformInfo(platform, what, size, text.data(), nullptr), CL_SUCCESS);
  return text.c_str();
}

inline std::string device_text(cl_device_id device, cl_device_info what) {
  std::size_t size = 0;
  EXPECT_EQ(clGetDeviceInfo(device, what, 0, nullptr, &size), CL_SUCCESS);
  std::string text(size, '\0');
  EXPECT_EQ(clGetDeviceInfo(device, what, size, text.data(), nullptr), CL_SUCCESS);
  return text.c_str();
}

/// The first device whose platform's name or version contains the text, or null.
inline cl_device_id find_device(const std::string& wanted, cl_platform_id* platform_found) {
  cl_uint count = 0;
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS) return nullptr;
  std::vector<cl_platform_id> platforms(count);
  clGetPlatformIDs(count, platforms.data(), nullptr);
  for (cl_platform_id platform : platforms) {
    const std::string name = platform_text(platform, CL_PLATFORM_NAME) + " " +
                             platform_text(platform, CL_PLATFORM_VERSION);
    if (lower(name).find(wanted) == std::string::npos) continue;
    cl_device_id device = nullptr;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr) != CL_SUCCESS) continue;
    *platform_found = platform;
    return device;
  }
  return nullptr;
}

class OpenClTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* wanted = std::getenv("ISOBAR_TEST_DEVICE");
    device_ = find_device(wanted != nullptr ? wanted : "isobar", &platform_);
    ASSERT_NE(device_, nullptr) << "no such OpenCL device";
    is_isobar_ = platform_text(platform_, CL_PLATFORM_NAME) == "Isobar";
    cl_int code = 0;
    context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &code);
    ASSERT_EQ(code, CL_SUCCESS);
    queue_ = make_queue();
  }
  void TearDown() override {
    for (cl_mem buffer : buffers_) EXPECT_EQ(clReleaseMemObject(buffer), CL_SUCCESS);
    for (cl_kernel kernel : kernels_) EXPECT_EQ(clReleaseKernel(kernel), CL_SUCCESS);
    for (cl_program program : programs_) EXPECT_EQ(clReleaseProgram(program), CL_SUCCESS);
    for (cl_command_queue queue : queues_) EXPECT_EQ(clReleaseCommandQueue(queue), CL_SUCCESS);
    if (context_ != nullptr) EXPECT_EQ(clReleaseContext(context_), CL_SUCCESS);
  }

  cl_command_queue make_queue() {
    const cl_queue_properties properties[] = {CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0};
    cl_int code = 0;
    queues_.push_back(clCreateCommandQueueWithProperties(context_, device_, properties, &code));
    EXPECT_EQ(code, CL_SUCCESS);
    return queues_.back();
  }
  cl_mem make_buffer(std::size_t size, cl_mem_flags flags = CL_MEM_READ_WRITE,
                     void* host = nullptr) {
    cl_int code = 0;
    buffers_.push_back(clCreateBuffer(context_, flags, size, host, &code));
    EXPECT_EQ(code, CL_SUCCESS);
    return buffers_.back();
  }
  template <class T>
  cl_mem buffer_of(std::vector<T> values) {
    return make_buffer(values.size() * sizeof(T), CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR,
                       values.data());
  }
  template <class T>
  std::vector<T> read(cl_mem buffer, std::size_t count) {
    std::vector<T> values(count);
    EXPECT_EQ(clEnqueueReadBuffer(queue_, buffer, CL_TRUE, 0, count * sizeof(T), values.data(), 0,
                                  nullptr, nullptr),
              CL_SUCCESS);
    return values;
  }
  cl_program source_program(const char* source) {
    cl_int code = 0;
    programs_.push_back(clCreateProgramWithSource(context_, 1, &source, nullptr, &code));
    EXPECT_EQ(code, CL_SUCCESS);
    return programs_.back();
  }
  std::string build_log(cl_program program) {
    std::size_t size = 0;
    clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size);
    std::string log(size, '\0');
    clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
    return log.c_str();
  }
  cl_program build(const char* source, const char* options = "-cl-std=CL3.0") {
    cl_program program = source_program(source);
    const cl_int code = clBuildProgram(program, 1, &device_, options, nullptr, nullptr);
    EXPECT_EQ(code, CL_SUCCESS) << build_log(program);
    return program;
  }
  cl_kernel make_kernel(cl_program program, const char* name) {
    cl_int code = 0;
    kernels_.push_back(clCreateKernel(program, name, &code));
    EXPECT_EQ(code, CL_SUCCESS);
    return kernels_.back();
  }
  cl_kernel kernel_of(const char* source, const char* name, const char* options = "-cl-std=CL3.0") {
    return make_kernel(build(source, options), name);
  }
  template <class T>
  void set(cl_kernel kernel, cl_uint index, const T& value) {
    EXPECT_EQ(clSetKernelArg(kernel, index, sizeof value, &value), CL_SUCCESS) << index;
  }
  cl_int launch(cl_kernel kernel, std::size_t global, std::size_t local = 0,
                cl_event* event = nullptr) {
    return clEnqueueNDRangeKernel(queue_, kernel, 1, nullptr, &global,
                                  local == 0 ? nullptr : &local, 0, nullptr, event);
  }

  cl_platform_id platform_ = nullptr;
  cl_device_id device_ = nullptr;
  bool is_isobar_ = false;
  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;

 private:
  std::vector<cl_mem> buffers_;
  std::vector<cl_kernel> kernels_;
  std::vector<cl_program> programs_;
  std::vector<cl_command_queue> queues_;
};

}  // namespace isobar::opencl::test
