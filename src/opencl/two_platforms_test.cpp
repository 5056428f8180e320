// PoCL and we in one process, each with an LLVM of its own (ours in a child process), working at
// the same time and giving the same bits.
#include <thread>

#include "base/opencl_icd.h"
#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

// Without contraction, every operation is rounded alike everywhere.
constexpr char kSource[] = R"(
#pragma OPENCL FP_CONTRACT OFF
kernel void logistic(global float* x) {
  size_t i = get_global_id(0);
  float v = (float)i / 1000.0f;
  for (int n = 0; n < 100; ++n) v = 3.7f * v * (1.0f - v);
  x[i] = v;
})";

std::vector<float> run_on(cl_device_id device) {
  constexpr std::size_t kCount = 1000;
  cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, nullptr);
  cl_command_queue queue = clCreateCommandQueueWithProperties(context, device, nullptr, nullptr);
  const char* source = kSource;
  cl_program program = clCreateProgramWithSource(context, 1, &source, nullptr, nullptr);
  EXPECT_EQ(clBuildProgram(program, 1, &device, "-cl-std=CL1.2", nullptr, nullptr), CL_SUCCESS);
  cl_kernel kernel = clCreateKernel(program, "logistic", nullptr);
  cl_mem x = clCreateBuffer(context, CL_MEM_READ_WRITE, 4 * kCount, nullptr, nullptr);
  clSetKernelArg(kernel, 0, sizeof x, &x);
  const std::size_t global = kCount;
  EXPECT_EQ(
      clEnqueueNDRangeKernel(queue, kernel, 1, nullptr, &global, nullptr, 0, nullptr, nullptr),
      CL_SUCCESS);
  std::vector<float> values(kCount);
  EXPECT_EQ(
      clEnqueueReadBuffer(queue, x, CL_TRUE, 0, 4 * kCount, values.data(), 0, nullptr, nullptr),
      CL_SUCCESS);
  clReleaseMemObject(x);
  clReleaseKernel(kernel);
  clReleaseProgram(program);
  clReleaseCommandQueue(queue);
  clReleaseContext(context);
  return values;
}

TEST(TwoPlatforms, WorkAtTheSameTimeInOneProcess) {
  offer_isobar_to_opencl();
  cl_platform_id platform = nullptr;
  cl_device_id ours = find_device("isobar", &platform);
  cl_device_id theirs = find_device("pocl", &platform);
  ASSERT_NE(ours, nullptr);
  if (theirs == nullptr) GTEST_SKIP() << "PoCL is not installed (pocl-opencl-icd)";
  std::vector<float> a;
  std::vector<float> b;
  std::thread other([&] { b = run_on(theirs); });
  a = run_on(ours);
  other.join();
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace isobar::opencl::test
