// Shared virtual memory: what clSVMAlloc gives and refuses, frees, and buffers over it.
#include <numeric>

#include "opencl/svm/svm_fixture.h"

namespace isobar::opencl::test {
namespace {

class SvmAllocations : public SvmTest {
 protected:
  cl_ulong largest() const {
    cl_ulong bytes = 0;
    clGetDeviceInfo(device_, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof bytes, &bytes, nullptr);
    return bytes;
  }
  void refused(cl_svm_mem_flags flags, std::size_t size, cl_uint alignment) {
    void* pointer = clSVMAlloc(context_, flags, size, alignment);
    EXPECT_EQ(pointer, nullptr) << flags << " " << size << " " << alignment;
    clSVMFree(context_, pointer);
  }
  static cl_bool uses_svm(cl_mem buffer) {
    cl_bool uses = 7;
    EXPECT_EQ(clGetMemObjectInfo(buffer, CL_MEM_USES_SVM_POINTER, sizeof uses, &uses, nullptr),
              CL_SUCCESS);
    return uses;
  }
};

TEST_F(SvmAllocations, TheDeviceSharesBuffersAndNotTheWholeOfMemory) {
  EXPECT_NE(capabilities() & CL_DEVICE_SVM_COARSE_GRAIN_BUFFER, 0U);
  if (!is_isobar_) return;
  EXPECT_EQ(capabilities(), cl_device_svm_capabilities{CL_DEVICE_SVM_COARSE_GRAIN_BUFFER |
                                                       CL_DEVICE_SVM_FINE_GRAIN_BUFFER});
}

TEST_F(SvmAllocations, AlignmentIsAPowerOfTwoUpToTheLargestType) {
  for (const cl_uint alignment : {0U, 1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U}) {
    void* pointer = clSVMAlloc(context_, CL_MEM_READ_WRITE, 100, alignment);
    ASSERT_NE(pointer, nullptr) << alignment;
    const std::uintptr_t needed = alignment == 0 ? 128 : alignment;  // of long16 by default
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pointer) % needed, 0U) << alignment;
    clSVMFree(context_, pointer);
  }
  refused(CL_MEM_READ_WRITE, 100, 3);
  refused(CL_MEM_READ_WRITE, 100, 96);
  refused(CL_MEM_READ_WRITE, 100, 256);
  refused(CL_MEM_READ_WRITE, 100, 1U << 31U);
}

TEST_F(SvmAllocations, SizesAreFromOneByteToTheLargestBuffer) {
  refused(CL_MEM_READ_WRITE, 0, 0);
  refused(CL_MEM_READ_WRITE, largest() + 1, 0);
  refused(CL_MEM_READ_WRITE, ~std::size_t{0}, 0);
  auto* byte = allocate<char>(1);
  *byte = 5;
  if (!is_isobar_) return;  // elsewhere this may be more than the host has
  auto* all = allocate<char>(largest());
  all[0] = 1;
  all[largest() - 1] = 2;
}

TEST_F(SvmAllocations, FlagsAreThoseOfTheTable) {
  for (const cl_svm_mem_flags flags :
       {cl_svm_mem_flags{0}, cl_svm_mem_flags{CL_MEM_READ_WRITE},
        cl_svm_mem_flags{CL_MEM_WRITE_ONLY}, cl_svm_mem_flags{CL_MEM_READ_ONLY}})
    (void)allocate<int>(1, flags);
  if ((capabilities() & CL_DEVICE_SVM_FINE_GRAIN_BUFFER) != 0)
    (void)allocate<int>(1, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER);
  refused(CL_MEM_READ_WRITE | CL_MEM_SVM_ATOMICS, 64, 0);  // without the fine grain
  refused(CL_MEM_READ_WRITE | CL_MEM_READ_ONLY, 64, 0);
  refused(CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY, 64, 0);
  if (!is_isobar_) return;  // PoCL 3.1 does not look at the other bits
  refused(cl_svm_mem_flags{1} << 40U, 64, 0);
  refused(CL_MEM_USE_HOST_PTR, 64, 0);
  refused(CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER | CL_MEM_SVM_ATOMICS, 64, 0);
}

TEST_F(SvmAllocations, MemoryComesZeroedAndApart) {
  if (!is_isobar_) GTEST_SKIP() << "the standard promises neither";
  for (int round = 0; round < 3; ++round) {
    auto* pointer = static_cast<cl_int*>(clSVMAlloc(context_, CL_MEM_READ_WRITE, 4096, 0));
    EXPECT_EQ(std::accumulate(pointer, pointer + 1024, 0), 0);
    std::fill(pointer, pointer + 1024, 1);
    clSVMFree(context_, pointer);
  }
}

TEST_F(SvmAllocations, WhatIsFreedTwiceOrForeignIsSaidAndNothingHappens) {
  if (!is_isobar_) GTEST_SKIP() << "undefined elsewhere";
  void* pointer = clSVMAlloc(context_, CL_MEM_READ_WRITE, 64, 0);
  auto* kept = allocate<int>(16);
  int mine = 0;
  testing::internal::CaptureStderr();
  clSVMFree(context_, nullptr);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "null is no mistake";
  clSVMFree(context_, pointer);
  testing::internal::CaptureStderr();
  clSVMFree(context_, pointer);
  clSVMFree(context_, &mine);
  clSVMFree(context_, kept + 1);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
  EXPECT_NE(text.find("clSVMFree"), std::string::npos) << text;
  kept[15] = 9;
}

TEST_F(SvmAllocations, AllocationsBelongToTheirContextAndKeepIt) {
  if (!is_isobar_) GTEST_SKIP() << "the standard leaves retention open";
  cl_context other = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, nullptr);
  bool ended = false;
  clSetContextDestructorCallback(
      other, [](cl_context, void* seen) { *static_cast<bool*>(seen) = true; }, &ended);
  auto* theirs = static_cast<cl_int*>(clSVMAlloc(other, CL_MEM_READ_WRITE, 64, 0));
  EXPECT_EQ(clReleaseContext(other), CL_SUCCESS);
  EXPECT_FALSE(ended);
  theirs[0] = 3;
  testing::internal::CaptureStderr();
  clSVMFree(context_, theirs);  // not ours
  EXPECT_NE(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(theirs[0], 3);
  clSVMFree(other, theirs);
  EXPECT_TRUE(ended);
  EXPECT_EQ(clSVMAlloc(other, CL_MEM_READ_WRITE, 64, 0), nullptr) << "no context any more";
}

TEST_F(SvmAllocations, ABufferOverItIsTheSameMemory) {
  auto* values = allocate<cl_int>(256);
  with_mapped(values, 256, [&] { std::iota(values, values + 256, 0); });
  cl_mem buffer = make_buffer(1024, CL_MEM_USE_HOST_PTR, values);
  EXPECT_EQ(uses_svm(buffer), cl_bool{CL_TRUE});
  void* host = nullptr;
  clGetMemObjectInfo(buffer, CL_MEM_HOST_PTR, sizeof host, &host, nullptr);
  EXPECT_EQ(host, values);
  EXPECT_EQ(read<cl_int>(buffer, 256)[255], 255);
  cl_kernel add = kernel_of("kernel void f(global int* a) { a[get_global_id(0)] += 1000; }", "f");
  set(add, 0, buffer);
  EXPECT_EQ(launch(add, 256), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  with_mapped(values, 256, [&] {
    EXPECT_EQ(values[7], 1007);
    values[7] = -1;
  });
  EXPECT_EQ(read<cl_int>(buffer, 8)[7], -1);
  cl_int code = 0;
  auto* view = static_cast<cl_int*>(clEnqueueMapBuffer(
      queue_, buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 64, 64, 0, nullptr, nullptr, &code));
  EXPECT_EQ(view, values + 16);
  EXPECT_EQ(view[0], 1016);
  EXPECT_EQ(clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
}

TEST_F(SvmAllocations, SubBuffersAndOrdinaryBuffersSayWhatTheyUse) {
  auto* values = allocate<cl_int>(256);
  cl_mem buffer = make_buffer(1024, CL_MEM_USE_HOST_PTR, values);
  const cl_buffer_region region{512, 128};
  cl_int code = 0;
  cl_mem part = clCreateSubBuffer(buffer, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  if (is_isobar_) EXPECT_EQ(uses_svm(part), cl_bool{CL_TRUE});  // PoCL 3.1 says no
  const cl_int seven = 7;
  clEnqueueFillBuffer(queue_, part, &seven, 4, 0, 128, 0, nullptr, nullptr);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  with_mapped(values, 256, [&] { EXPECT_EQ(values[128], 7); });
  EXPECT_EQ(clReleaseMemObject(part), CL_SUCCESS);
  EXPECT_EQ(uses_svm(make_buffer(64)), cl_bool{CL_FALSE});
  alignas(128) cl_int mine[32] = {};
  EXPECT_EQ(uses_svm(make_buffer(sizeof mine, CL_MEM_USE_HOST_PTR, mine)), cl_bool{CL_FALSE});
  cl_mem copy = make_buffer(1024, CL_MEM_COPY_HOST_PTR, values);
  EXPECT_EQ(uses_svm(copy), cl_bool{CL_FALSE});
  EXPECT_EQ(read<cl_int>(copy, 129)[128], 7);
}

TEST_F(SvmAllocations, ABufferLargerThanTheAllocationIsRefused) {
  if (!is_isobar_) GTEST_SKIP() << "PoCL 3.1 does not look";
  auto* values = allocate<cl_int>(256);
  const auto try_create = [&](cl_mem_flags flags, std::size_t size, void* host) {
    cl_int code = CL_SUCCESS;
    cl_mem buffer = clCreateBuffer(context_, flags, size, host, &code);
    if (buffer != nullptr) clReleaseMemObject(buffer);
    return code;
  };
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR, 1025, values), CL_INVALID_BUFFER_SIZE);
  EXPECT_EQ(try_create(CL_MEM_COPY_HOST_PTR, 1025, values), CL_INVALID_BUFFER_SIZE);
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR, 1024, values), CL_SUCCESS);
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR, 1024, values + 1), CL_INVALID_BUFFER_SIZE);
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR, 1020, values + 1), CL_SUCCESS);
}

TEST_F(SvmAllocations, CopiesBetweenBuffersOverOneAllocationMayNotOverlap) {
  auto* values = allocate<cl_int>(256);
  with_mapped(values, 256, [&] { std::iota(values, values + 256, 0); });
  cl_mem a = make_buffer(1024, CL_MEM_USE_HOST_PTR, values);
  cl_mem b = make_buffer(1024, CL_MEM_USE_HOST_PTR, values);
  if (is_isobar_)
    EXPECT_EQ(clEnqueueCopyBuffer(queue_, a, b, 0, 16, 32, 0, nullptr, nullptr),
              CL_MEM_COPY_OVERLAP);
  EXPECT_EQ(clEnqueueCopyBuffer(queue_, a, b, 0, 512, 32, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(a, 130)[129], 1);
  // To where it is: nothing to do, and no harm.
  EXPECT_EQ(clEnqueueReadBuffer(queue_, a, CL_TRUE, 0, 1024, values, 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(clEnqueueWriteBuffer(queue_, a, CL_TRUE, 0, 1024, values, 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(b, 3)[2], 2);
}

}  // namespace
}  // namespace isobar::opencl::test
