// What the tests of shared virtual memory share: allocations that end with the test, and a device
// that has it (else they skip: the range is taken under AddressSanitizer).
#pragma once

#include "opencl/test_fixture.h"

namespace isobar::opencl::test {

class SvmTest : public OpenClTest {
 protected:
  void SetUp() override {
    OpenClTest::SetUp();
    if (HasFatalFailure()) return;
    if (capabilities() == 0) GTEST_SKIP() << "no shared virtual memory here";
  }
  void TearDown() override {
    for (void* pointer : allocations_) clSVMFree(context_, pointer);
    OpenClTest::TearDown();
  }

  cl_device_svm_capabilities capabilities() const {
    cl_device_svm_capabilities bits = 0;
    EXPECT_EQ(clGetDeviceInfo(device_, CL_DEVICE_SVM_CAPABILITIES, sizeof bits, &bits, nullptr),
              CL_SUCCESS);
    return bits;
  }
  template <class T>
  T* allocate(std::size_t count, cl_svm_mem_flags flags = CL_MEM_READ_WRITE) {
    allocations_.push_back(clSVMAlloc(context_, flags, count * sizeof(T), 0));
    EXPECT_NE(allocations_.back(), nullptr);
    return static_cast<T*>(allocations_.back());
  }
  /// Maps, lets the host write, unmaps; all of it blocking.
  template <class T, class Write>
  void with_mapped(T* pointer, std::size_t count, Write&& write) {
    EXPECT_EQ(clEnqueueSVMMap(queue_, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, pointer,
                              count * sizeof(T), 0, nullptr, nullptr),
              CL_SUCCESS);
    write();
    EXPECT_EQ(clEnqueueSVMUnmap(queue_, pointer, 0, nullptr, nullptr), CL_SUCCESS);
    EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  }
  static cl_command_type type_of(cl_event event) {
    cl_command_type type = 0;
    EXPECT_EQ(clGetEventInfo(event, CL_EVENT_COMMAND_TYPE, sizeof type, &type, nullptr),
              CL_SUCCESS);
    return type;
  }
  /// What the event is, once it has ended well and told its times; released.
  static cl_command_type ended(cl_event event) {
    EXPECT_EQ(clWaitForEvents(1, &event), CL_SUCCESS);
    const cl_command_type type = type_of(event);
    cl_ulong start = 0;
    cl_ulong end = 0;
    EXPECT_EQ(
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, nullptr),
        CL_SUCCESS);
    EXPECT_EQ(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr),
              CL_SUCCESS);
    EXPECT_LE(start, end);
    clReleaseEvent(event);
    return type;
  }

 private:
  std::vector<void*> allocations_;
};

}  // namespace isobar::opencl::test
