// Where something else lies in the way of the chip's memory there is no shared virtual memory, and
// everything else works. Reference: OpenCL API specification 3.0, appendix H ("Shared Virtual
// Memory"). The tests of this program share the process, and its driver.
#include <sys/mman.h>

#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

/// Takes a page in the middle of where the arena would lie, before the driver is loaded.
const bool kTaken = [] {
  auto* place = reinterpret_cast<void*>(0x1'8000'0000);
  return ::mmap(place, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
         nullptr;
}();

class WithoutSvm : public OpenClTest {};

TEST_F(WithoutSvm, TheDeviceSaysSo) {
  EXPECT_TRUE(kTaken);
  cl_device_svm_capabilities bits = 7;
  EXPECT_EQ(clGetDeviceInfo(device_, CL_DEVICE_SVM_CAPABILITIES, sizeof bits, &bits, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(bits, 0U);
  EXPECT_EQ(clSVMAlloc(context_, CL_MEM_READ_WRITE, 64, 0), nullptr);
  testing::internal::CaptureStderr();
  int mine = 0;
  clSVMFree(context_, &mine);  // does nothing
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  cl_mem buffer = make_buffer(sizeof mine, CL_MEM_USE_HOST_PTR, &mine);
  cl_bool uses = 7;
  clGetMemObjectInfo(buffer, CL_MEM_USES_SVM_POINTER, sizeof uses, &uses, nullptr);
  EXPECT_EQ(uses, cl_bool{CL_FALSE});
}

TEST_F(WithoutSvm, EveryCallIsRefusedAsInvalid) {
  int mine[2] = {};
  void* list[] = {mine};
  const void* const_list[] = {mine};
  EXPECT_EQ(clEnqueueSVMFree(queue_, 1, list, nullptr, nullptr, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueSVMMemcpy(queue_, CL_TRUE, mine, mine + 1, 4, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueSVMMemFill(queue_, mine, mine, 4, 4, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueSVMMap(queue_, CL_TRUE, CL_MAP_READ, mine, 4, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueSVMUnmap(queue_, mine, 0, nullptr, nullptr), CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueSVMMigrateMem(queue_, 1, const_list, nullptr, 0, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  cl_kernel kernel = kernel_of("kernel void f(global int* a) { a[get_global_id(0)] = 3; }", "f");
  EXPECT_EQ(clSetKernelArgSVMPointer(kernel, 0, mine), CL_INVALID_OPERATION);
  const cl_bool no = CL_FALSE;
  EXPECT_EQ(clSetKernelExecInfo(kernel, CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, sizeof no, &no),
            CL_INVALID_OPERATION);
}

TEST_F(WithoutSvm, KernelsBuffersAndMapsWork) {
  cl_kernel kernel = kernel_of("kernel void f(global int* a) { a[get_global_id(0)] += 3; }", "f");
  cl_mem buffer = buffer_of(std::vector<cl_int>(256, 4));
  set(kernel, 0, buffer);
  EXPECT_EQ(launch(kernel, 256), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 256), std::vector<cl_int>(256, 7));
  cl_int code = 0;
  auto* view = static_cast<cl_int*>(
      clEnqueueMapBuffer(queue_, buffer, CL_TRUE, CL_MAP_READ, 4, 8, 0, nullptr, nullptr, &code));
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(view[1], 7);
  EXPECT_EQ(clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
}

}  // namespace
}  // namespace isobar::opencl::test
