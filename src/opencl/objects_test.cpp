// Platforms, devices, contexts, queues: what they answer, how they count references, and what they
// say to wrong handles and values.
#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

class Objects : public OpenClTest {};

TEST_F(Objects, DeviceIsNamedAfterTheChip) {
  if (!is_isobar_) GTEST_SKIP();
  const char* chip = std::getenv("ISOBAR_CHIP");
  EXPECT_EQ(device_text(device_, CL_DEVICE_NAME), chip != nullptr ? chip : "isobar-nano");
  EXPECT_EQ(device_text(device_, CL_DEVICE_VERSION).find("OpenCL 3.0 "), 0U);
}

/// Every query of the standard's table, by number: from CL_DEVICE_TYPE to the last of 3.0.
TEST_F(Objects, EveryDeviceQueryOfTheStandardIsAnswered) {
  int answered = 0;
  for (cl_device_info what = 0x1000; what <= 0x1076; ++what) {
    std::size_t size = 0;
    const cl_int code = clGetDeviceInfo(device_, what, 0, nullptr, &size);
    if (code == CL_INVALID_VALUE) continue;
    ASSERT_EQ(code, CL_SUCCESS) << std::hex << what;
    std::vector<char> value(size + 1, 'x');
    ASSERT_EQ(clGetDeviceInfo(device_, what, size, value.data(), nullptr), CL_SUCCESS);
    EXPECT_EQ(value[size], 'x') << "wrote past the end: " << std::hex << what;
    if (size > 0)
      EXPECT_EQ(clGetDeviceInfo(device_, what, size - 1, value.data(), nullptr), CL_INVALID_VALUE);
    ++answered;
  }
  if (is_isobar_) EXPECT_GE(answered, 100);
}

TEST_F(Objects, DeviceMeetsTheMinimaOfTheFullProfile) {
  const auto number = [&]<class T>(cl_device_info what, T value) {
    EXPECT_EQ(clGetDeviceInfo(device_, what, sizeof value, &value, nullptr), CL_SUCCESS);
    return value;
  };
  EXPECT_GE(number(CL_DEVICE_MAX_PARAMETER_SIZE, std::size_t{}), 1024U);
  EXPECT_GE(number(CL_DEVICE_LOCAL_MEM_SIZE, cl_ulong{}), 32U << 10U);
  EXPECT_GE(number(CL_DEVICE_PRINTF_BUFFER_SIZE, std::size_t{}), 1U << 20U);
  EXPECT_GE(number(CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE, cl_ulong{}), 64U << 10U);
  EXPECT_GE(number(CL_DEVICE_MAX_MEM_ALLOC_SIZE, cl_ulong{}),
            std::min<cl_ulong>(number(CL_DEVICE_GLOBAL_MEM_SIZE, cl_ulong{}) / 4, 1U << 30U));
}

TEST_F(Objects, ContextCountsReferencesAndTellsItsEnd) {
  cl_int code = 0;
  const cl_context_properties properties[] = {
      CL_CONTEXT_PLATFORM, reinterpret_cast<cl_context_properties>(platform_), 0};
  cl_context context =
      clCreateContextFromType(properties, CL_DEVICE_TYPE_ALL, nullptr, nullptr, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  ASSERT_EQ(clRetainContext(context), CL_SUCCESS);
  cl_uint references = 0;
  clGetContextInfo(context, CL_CONTEXT_REFERENCE_COUNT, sizeof references, &references, nullptr);
  EXPECT_EQ(references, 2U);
  std::size_t size = 0;
  clGetContextInfo(context, CL_CONTEXT_PROPERTIES, 0, nullptr, &size);
  EXPECT_EQ(size, sizeof properties);
  if (!is_isobar_) {
    clReleaseContext(context);
    clReleaseContext(context);
    return;  // older drivers lack the callback of 3.0
  }
  std::vector<int> order;
  clSetContextDestructorCallback(
      context, [](cl_context, void* seen) { static_cast<std::vector<int>*>(seen)->push_back(1); },
      &order);
  clSetContextDestructorCallback(
      context, [](cl_context, void* seen) { static_cast<std::vector<int>*>(seen)->push_back(2); },
      &order);
  EXPECT_EQ(clReleaseContext(context), CL_SUCCESS);
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(clReleaseContext(context), CL_SUCCESS);
  EXPECT_EQ(order, (std::vector{2, 1}));
}

TEST_F(Objects, WrongContextArgumentsAreRefused) {
  cl_int code = 0;
  EXPECT_EQ(clCreateContext(nullptr, 0, &device_, nullptr, nullptr, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_VALUE);
  const cl_context_properties unknown[] = {0x7777, 1, 0};
  EXPECT_EQ(clCreateContext(unknown, 1, &device_, nullptr, nullptr, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_PROPERTY);
  int data = 0;
  EXPECT_EQ(clCreateContext(nullptr, 1, &device_, nullptr, &data, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_VALUE);
}

/// A handle of another kind goes through the loader to us: it must be recognised, not read.
TEST_F(Objects, HandlesOfTheWrongKindAreRefused) {
  if (!is_isobar_) GTEST_SKIP() << "a courtesy of ours, not of the standard";
  cl_uint value = 0;
  auto* wrong = reinterpret_cast<cl_mem>(queue_);
  EXPECT_EQ(clRetainMemObject(wrong), CL_INVALID_MEM_OBJECT);
  EXPECT_EQ(clReleaseKernel(reinterpret_cast<cl_kernel>(context_)), CL_INVALID_KERNEL);
  EXPECT_EQ(clFinish(reinterpret_cast<cl_command_queue>(context_)), CL_INVALID_COMMAND_QUEUE);
  EXPECT_EQ(clGetProgramInfo(reinterpret_cast<cl_program>(queue_), CL_PROGRAM_NUM_DEVICES,
                             sizeof value, &value, nullptr),
            CL_INVALID_PROGRAM);
  EXPECT_EQ(clSetUserEventStatus(reinterpret_cast<cl_event>(queue_), CL_COMPLETE),
            CL_INVALID_EVENT);
}

/// Through the loader, which reads what a handle points at before the driver is asked. Other
/// objects are made in between, so that memory that is free would be theirs.
TEST_F(Objects, AHandleReleasedOnceTooOftenIsRefused) {
  if (!is_isobar_) GTEST_SKIP() << "undefined by the standard";
  const char* source = "kernel void k(global int* a) { a[get_global_id(0)] = 1; }";
  const auto clutter = [&] {
    std::vector<cl_event> events;
    for (int i = 0; i < 50; ++i) events.push_back(clCreateUserEvent(context_, nullptr));
    for (cl_event event : events) clReleaseEvent(event);
  };
  const auto twice = [&]<class T>(T handle, cl_int (*release)(T), cl_int refused) {
    EXPECT_EQ(release(handle), CL_SUCCESS);
    clutter();
    EXPECT_EQ(release(handle), refused);
  };
  cl_program program = clCreateProgramWithSource(context_, 1, &source, nullptr, nullptr);
  ASSERT_EQ(clBuildProgram(program, 1, &device_, "", nullptr, nullptr), CL_SUCCESS);
  twice(clCreateKernel(program, "k", nullptr), &clReleaseKernel, CL_INVALID_KERNEL);
  twice(program, &clReleaseProgram, CL_INVALID_PROGRAM);
  twice(clCreateBuffer(context_, CL_MEM_READ_WRITE, 64, nullptr, nullptr), &clReleaseMemObject,
        CL_INVALID_MEM_OBJECT);
  twice(clCreateUserEvent(context_, nullptr), &clReleaseEvent, CL_INVALID_EVENT);
  twice(clCreateCommandQueueWithProperties(context_, device_, nullptr, nullptr),
        &clReleaseCommandQueue, CL_INVALID_COMMAND_QUEUE);
  twice(clCreateContext(nullptr, 1, &device_, nullptr, nullptr, nullptr), &clReleaseContext,
        CL_INVALID_CONTEXT);
}

TEST_F(Objects, WhatTheDeviceLacksIsRefusedWithItsCode) {
  if (!is_isobar_) GTEST_SKIP();
  cl_int code = CL_SUCCESS;
  const cl_image_format format{CL_RGBA, CL_FLOAT};
  cl_image_desc description{};
  description.image_type = CL_MEM_OBJECT_IMAGE2D;
  EXPECT_EQ(clCreateImage(context_, 0, &format, &description, nullptr, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_OPERATION);
  EXPECT_EQ(clCreateSampler(context_, CL_TRUE, CL_ADDRESS_CLAMP, CL_FILTER_LINEAR, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_OPERATION);
  EXPECT_EQ(clCreatePipe(context_, 0, 4, 4, nullptr, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_OPERATION);
  EXPECT_EQ(clCreateProgramWithIL(context_, "x", 1, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_OPERATION);
  EXPECT_EQ(clCreateProgramWithBuiltInKernels(context_, 1, &device_, "none", &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_VALUE);
  cl_uint formats = 7;
  EXPECT_EQ(clGetSupportedImageFormats(context_, CL_MEM_READ_WRITE, CL_MEM_OBJECT_IMAGE2D, 0,
                                       nullptr, &formats),
            CL_SUCCESS);
  EXPECT_EQ(formats, 0U);
  EXPECT_EQ(clEnqueueNativeKernel(
                queue_, [](void*) {}, nullptr, 0, 0, nullptr, nullptr, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  const cl_device_partition_property partition[] = {CL_DEVICE_PARTITION_EQUALLY, 1, 0};
  EXPECT_EQ(clCreateSubDevices(device_, partition, 0, nullptr, nullptr), CL_INVALID_VALUE);
}

TEST_F(Objects, EveryEntryOfTheDispatchTableIsFilled) {
  // All objects begin with the table's address; the loader calls through it.
  if (!is_isobar_) GTEST_SKIP();
  const auto* table = *reinterpret_cast<void* const* const*>(context_);
  for (std::size_t i = 0; i < sizeof(cl_icd_dispatch) / sizeof(void*); ++i)
    EXPECT_NE(table[i], nullptr) << i;
}

TEST_F(Objects, QueuesTellTheirProperties) {
  cl_command_queue_properties bits = 0;
  clGetCommandQueueInfo(queue_, CL_QUEUE_PROPERTIES, sizeof bits, &bits, nullptr);
  EXPECT_EQ(bits, cl_command_queue_properties{CL_QUEUE_PROFILING_ENABLE});
  cl_int code = 0;
  EXPECT_EQ(clCreateCommandQueue(context_, device_, 1ULL << 40U, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_VALUE);
  cl_command_queue old = clCreateCommandQueue(context_, device_, 0, &code);
  EXPECT_EQ(code, CL_SUCCESS);
  cl_event event = nullptr;
  EXPECT_EQ(clEnqueueMarkerWithWaitList(old, 0, nullptr, &event), CL_SUCCESS);
  EXPECT_EQ(clWaitForEvents(1, &event), CL_SUCCESS);
  cl_ulong time = 0;
  EXPECT_EQ(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof time, &time, nullptr),
            CL_PROFILING_INFO_NOT_AVAILABLE);
  clReleaseEvent(event);
  EXPECT_EQ(clReleaseCommandQueue(old), CL_SUCCESS);
}

}  // namespace
}  // namespace isobar::opencl::test
