// Programs and kernels: building, arguments, ranges, printf, what they answer, and incorrect usage.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "isobar/cl_isobar.h"
#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

class Kernels : public OpenClTest {};

constexpr char kSaxpy[] = R"(
kernel void saxpy(global float* y, global const float* x, float a) {
  size_t i = get_global_id(0);
  y[i] = fma(a, x[i], y[i]);
}
kernel void ids(global uint4* out) {
  size_t i = (get_global_id(1) - get_global_offset(1)) * get_global_size(0) +
             (get_global_id(0) - get_global_offset(0));
  out[i] = (uint4)(get_global_id(0), get_global_id(1), get_local_size(0), get_num_groups(0));
}
)";

TEST_F(Kernels, SaxpyIsExact) {
  constexpr std::size_t kCount = 10000;
  std::vector<float> x(kCount);
  std::vector<float> y(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    x[i] = std::sin(static_cast<float>(i));
    y[i] = std::cos(static_cast<float>(i));
  }
  cl_mem in = buffer_of(x);
  cl_mem out = buffer_of(y);
  cl_kernel kernel = kernel_of(kSaxpy, "saxpy");
  set(kernel, 0, out);
  set(kernel, 1, in);
  set(kernel, 2, 1.7F);
  ASSERT_EQ(launch(kernel, kCount), CL_SUCCESS);
  const auto got = read<float>(out, kCount);
  for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(got[i], std::fma(1.7F, x[i], y[i])) << i;
}

TEST_F(Kernels, OffsetsAndUnevenGroupsGiveTheRightIds) {
  cl_bool uneven = CL_FALSE;
  clGetDeviceInfo(device_, CL_DEVICE_NON_UNIFORM_WORK_GROUP_SUPPORT, sizeof uneven, &uneven,
                  nullptr);
  if (uneven == CL_FALSE) GTEST_SKIP() << "an optional feature of OpenCL 3.0";
  cl_mem out = make_buffer(16 * 35 * 3);
  cl_kernel kernel = kernel_of(kSaxpy, "ids");
  set(kernel, 0, out);
  const std::size_t offset[] = {100, 7};
  const std::size_t global[] = {35, 3};
  const std::size_t local[] = {16, 2};
  ASSERT_EQ(clEnqueueNDRangeKernel(queue_, kernel, 2, offset, global, local, 0, nullptr, nullptr),
            CL_SUCCESS);
  const auto got = read<cl_uint>(out, std::size_t{4} * 35 * 3);
  for (cl_uint y = 0; y < 3; ++y) {
    for (cl_uint x = 0; x < 35; ++x) {
      const cl_uint* item = &got[std::size_t{4} * (y * 35 + x)];
      ASSERT_EQ(item[0], 100 + x);
      ASSERT_EQ(item[1], 7 + y);
      ASSERT_EQ(item[2], x < 32 ? 16U : 3U);
      ASSERT_EQ(item[3], 3U);
    }
  }
}

TEST_F(Kernels, LocalMemoryBarrierAndAtomicsAddUp) {
  cl_kernel kernel = kernel_of(R"(
kernel void sum(global const int* in, global int* total, local int* scratch) {
  local int extra[4];
  size_t l = get_local_id(0);
  if (l < 4) extra[l] = 1;
  scratch[l] = in[get_global_id(0)];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (size_t step = get_local_size(0) / 2; step > 0; step /= 2) {
    if (l < step) scratch[l] += scratch[l + step];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (l == 0) atomic_add(total, scratch[0] + extra[3]);
})",
                               "sum", "");
  std::vector<cl_int> values(4096);
  std::iota(values.begin(), values.end(), -1000);
  cl_mem in = buffer_of(values);
  cl_mem total = buffer_of(std::vector<cl_int>{0});
  set(kernel, 0, in);
  set(kernel, 1, total);
  EXPECT_EQ(clSetKernelArg(kernel, 2, 128 * 4, nullptr), CL_SUCCESS);
  ASSERT_EQ(launch(kernel, 4096, 128), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(total, 1)[0], std::accumulate(values.begin(), values.end(), 0) + 32);
}

TEST_F(Kernels, DoublesHalvesVectorsAndStructsPassAsArguments) {
  struct Pair {
    cl_int a;
    cl_double b;
  };
  cl_kernel kernel = kernel_of(R"(
typedef struct { int a; double b; } pair;
kernel void gather(global double* out, float4 v, pair p, char c, long l) {
  out[0] = v.x + v.y * 10 + v.z * 100 + v.w * 1000;
  out[1] = p.a;
  out[2] = p.b;
  out[3] = c;
  out[4] = (double)l;
})",
                               "gather");
  cl_mem out = make_buffer(40);
  set(kernel, 0, out);
  set(kernel, 1, cl_float4{{1, 2, 3, 4}});
  set(kernel, 2, Pair{-5, 0.25});
  set(kernel, 3, cl_char{-7});
  set(kernel, 4, cl_long{1} << 40);
  ASSERT_EQ(launch(kernel, 1), CL_SUCCESS);
  EXPECT_EQ(read<double>(out, 5), (std::vector<double>{4321, -5, 0.25, -7, 1099511627776.0}));
}

TEST_F(Kernels, PrintfReachesTheHostsOutput) {
  cl_kernel kernel = kernel_of(R"(
kernel void say(int n) { printf("item %d of %s: %.2f %v2hlf\n", n, "words", 1.5f, (float2)(1, 2)); }
)",
                               "say");
  set(kernel, 0, cl_int{42});
  testing::internal::CaptureStdout();
  EXPECT_EQ(launch(kernel, 1), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  std::fflush(stdout);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(text, "item 42 of words: 1.50 1.000000,2.000000\n");
}

TEST_F(Kernels, BuildErrorsAreInTheLogWithTheLine) {
  cl_program program = source_program("kernel void f(global int* a) {\n  a[0] = missing;\n}\n");
  EXPECT_EQ(clBuildProgram(program, 1, &device_, "", nullptr, nullptr), CL_BUILD_PROGRAM_FAILURE);
  const std::string log = build_log(program);
  EXPECT_NE(log.find("missing"), std::string::npos) << log;
  EXPECT_NE(log.find(":2:"), std::string::npos) << log;
  cl_int code = 0;
  EXPECT_EQ(clCreateKernel(program, "f", &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_PROGRAM_EXECUTABLE);
  cl_build_status status = 0;
  clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_STATUS, sizeof status, &status, nullptr);
  EXPECT_EQ(status, CL_BUILD_ERROR);
}

TEST_F(Kernels, BinariesBuildAgainAndDamagedOnesAreRefused) {
  cl_program program = build(kSaxpy);
  std::size_t size = 0;
  clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr);
  ASSERT_GT(size, 0U);
  std::vector<unsigned char> binary(size);
  unsigned char* into = binary.data();
  ASSERT_EQ(clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof into, &into, nullptr),
            CL_SUCCESS);
  const unsigned char* from = binary.data();
  cl_int status = 0;
  cl_int code = 0;
  cl_program again = clCreateProgramWithBinary(context_, 1, &device_, &size, &from, &status, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(clBuildProgram(again, 1, &device_, "", nullptr, nullptr), CL_SUCCESS);
  cl_uint kernels = 0;
  EXPECT_EQ(clCreateKernelsInProgram(again, 0, nullptr, &kernels), CL_SUCCESS);
  EXPECT_EQ(kernels, 2U);
  clReleaseProgram(again);
  if (!is_isobar_) return;
  for (const std::size_t cut : {std::size_t{1}, std::size_t{100}, size / 2, size - 1}) {
    std::vector<unsigned char> part(binary.begin(), binary.begin() + static_cast<long>(cut));
    const unsigned char* data = part.data();
    EXPECT_EQ(clCreateProgramWithBinary(context_, 1, &device_, &cut, &data, &status, &code),
              nullptr)
        << cut;
    EXPECT_EQ(code, CL_INVALID_BINARY) << cut;
    EXPECT_EQ(status, CL_INVALID_BINARY) << cut;
  }
}

TEST_F(Kernels, ABinaryWithAFlippedBitIsRefused) {
  if (!is_isobar_) GTEST_SKIP() << "PoCL's binaries are its own";
  cl_program program = build(kSaxpy);
  std::size_t size = 0;
  clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr);
  std::vector<unsigned char> binary(size);
  unsigned char* into = binary.data();
  clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof into, &into, nullptr);
  // Spread over headers, instructions, metadata and the checksum itself.
  for (std::size_t i = 0; i < 200; ++i) {
    const std::size_t bit = i * (8 * size - 1) / 199;
    binary[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
    const unsigned char* data = binary.data();
    cl_int status = 0, code = 0;
    EXPECT_EQ(clCreateProgramWithBinary(context_, 1, &device_, &size, &data, &status, &code),
              nullptr)
        << bit;
    EXPECT_EQ(code, CL_INVALID_BINARY) << bit;
    binary[bit / 8] ^= static_cast<unsigned char>(1U << bit % 8);
  }
}

TEST_F(Kernels, CompileWithHeadersAndLink) {
  cl_program header = source_program("int twice(int x);\n");
  cl_program user = source_program(
      "#include \"twice.h\"\nkernel void f(global int* a) { a[0] = twice(a[0]); }\n");
  cl_program library = source_program("int twice(int x) { return 2 * x; }\n");
  const char* name = "twice.h";
  ASSERT_EQ(clCompileProgram(user, 1, &device_, "", 1, &header, &name, nullptr, nullptr),
            CL_SUCCESS)
      << build_log(user);
  ASSERT_EQ(clCompileProgram(library, 1, &device_, "", 0, nullptr, nullptr, nullptr, nullptr),
            CL_SUCCESS);
  const cl_program parts[] = {user, library};
  cl_int code = 0;
  cl_program linked = clLinkProgram(context_, 1, &device_, "", 2, parts, nullptr, nullptr, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  cl_mem a = buffer_of(std::vector<cl_int>{21});
  cl_kernel kernel = make_kernel(linked, "f");
  set(kernel, 0, a);
  ASSERT_EQ(launch(kernel, 1), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(a, 1)[0], 42);
  clReleaseProgram(linked);
}

TEST_F(Kernels, WrongArgumentsAreRefused) {
  cl_kernel kernel = kernel_of(kSaxpy, "saxpy");
  const float a = 1;
  EXPECT_EQ(clSetKernelArg(kernel, 3, sizeof a, &a), CL_INVALID_ARG_INDEX);
  EXPECT_EQ(clSetKernelArg(kernel, 2, 8, &a), CL_INVALID_ARG_SIZE);
  EXPECT_EQ(clSetKernelArg(kernel, 2, sizeof a, nullptr), CL_INVALID_ARG_VALUE);
  EXPECT_EQ(clSetKernelArg(kernel, 0, 3, nullptr), CL_INVALID_ARG_SIZE);
  EXPECT_EQ(launch(kernel, 32), CL_INVALID_KERNEL_ARGS);
  cl_int code = 0;
  cl_program program = nullptr;
  clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, nullptr);
  EXPECT_EQ(clCreateKernel(program, "nothing", &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_KERNEL_NAME);
}

TEST_F(Kernels, WrongRangesAreRefused) {
  cl_kernel kernel = kernel_of(kSaxpy, "ids", "-cl-std=CL1.2");
  cl_mem out = make_buffer(16 * 4096);
  set(kernel, 0, out);
  const auto try_range = [&](cl_uint dimensions, std::size_t global, std::size_t local) {
    const std::size_t globals[] = {global, 1, 1};
    const std::size_t locals[] = {local, 1, 1};
    return clEnqueueNDRangeKernel(queue_, kernel, dimensions, nullptr, globals, locals, 0, nullptr,
                                  nullptr);
  };
  EXPECT_EQ(try_range(0, 32, 32), CL_INVALID_WORK_DIMENSION);
  EXPECT_EQ(try_range(4, 32, 32), CL_INVALID_WORK_DIMENSION);
  EXPECT_EQ(try_range(1, 33, 32), CL_INVALID_WORK_GROUP_SIZE) << "1.2 has no smaller last group";
  EXPECT_THAT(try_range(1, 1 << 20, 1 << 19),
              testing::AnyOf(CL_INVALID_WORK_ITEM_SIZE, CL_INVALID_WORK_GROUP_SIZE));
  EXPECT_EQ(try_range(1, 64, 32), CL_SUCCESS);
  const std::size_t square[] = {1024, 1024};
  EXPECT_EQ(clEnqueueNDRangeKernel(queue_, kernel, 2, nullptr, square, square, 0, nullptr, nullptr),
            CL_INVALID_WORK_GROUP_SIZE);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
}

TEST_F(Kernels, RequiredSizeAndArgumentsAreKnown) {
  cl_kernel kernel = kernel_of(R"(
kernel __attribute__((reqd_work_group_size(8, 2, 1)))
void f(global const float* restrict x, local int* s, constant uint* c, int n) { s[n] = c[n] + x[n]; }
)",
                               "f", "-cl-kernel-arg-info");
  std::size_t sizes[3] = {};
  EXPECT_EQ(clGetKernelWorkGroupInfo(kernel, device_, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                                     sizeof sizes, sizes, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(sizes[0] * 100 + sizes[1] * 10 + sizes[2], 821U);
  char name[32] = {};
  EXPECT_EQ(clGetKernelArgInfo(kernel, 0, CL_KERNEL_ARG_NAME, sizeof name, name, nullptr),
            CL_SUCCESS);
  EXPECT_STREQ(name, "x");
  EXPECT_EQ(clGetKernelArgInfo(kernel, 0, CL_KERNEL_ARG_TYPE_NAME, sizeof name, name, nullptr),
            CL_SUCCESS);
  EXPECT_STREQ(name, "float*");
  cl_kernel_arg_type_qualifier qualifier = 0;
  clGetKernelArgInfo(kernel, 0, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof qualifier, &qualifier,
                     nullptr);
  EXPECT_EQ(qualifier, CL_KERNEL_ARG_TYPE_CONST | CL_KERNEL_ARG_TYPE_RESTRICT);
  std::vector<cl_kernel_arg_address_qualifier> spaces;
  for (cl_uint i = 0; i < 4; ++i) {
    cl_kernel_arg_address_qualifier space = 0;
    clGetKernelArgInfo(kernel, i, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof space, &space, nullptr);
    spaces.push_back(space);
  }
  EXPECT_EQ(spaces, (std::vector<cl_kernel_arg_address_qualifier>{
                        CL_KERNEL_ARG_ADDRESS_GLOBAL, CL_KERNEL_ARG_ADDRESS_LOCAL,
                        CL_KERNEL_ARG_ADDRESS_CONSTANT, CL_KERNEL_ARG_ADDRESS_PRIVATE}));
  cl_mem buffer = make_buffer(64);
  set(kernel, 0, buffer);
  EXPECT_EQ(clSetKernelArg(kernel, 1, 64, nullptr), CL_SUCCESS);
  set(kernel, 2, buffer);
  set(kernel, 3, cl_int{0});
  EXPECT_EQ(launch(kernel, 64, 32), CL_INVALID_WORK_GROUP_SIZE);
}

TEST_F(Kernels, ProgramsInUseAreNotRebuilt) {
  cl_program program = build(kSaxpy);
  cl_int code = 0;
  cl_kernel kernel = clCreateKernel(program, "saxpy", &code);
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(clBuildProgram(program, 1, &device_, "", nullptr, nullptr), CL_INVALID_OPERATION);
  cl_kernel copy = clCloneKernel(kernel, &code);
  EXPECT_EQ(code, CL_SUCCESS);
  clReleaseKernel(kernel);
  clReleaseKernel(copy);
  EXPECT_EQ(clBuildProgram(program, 1, &device_, "", nullptr, nullptr), CL_SUCCESS);
}

TEST_F(Kernels, CountersOfALaunchAddUp) {
  if (!is_isobar_) GTEST_SKIP();
  const auto find = [&](const char* name) {
    return clGetExtensionFunctionAddressForPlatform(platform_, name);
  };
  const auto event_counters =
      reinterpret_cast<clGetEventCountersISOBAR_fn>(find("clGetEventCountersISOBAR"));
  const auto context_counters =
      reinterpret_cast<clGetContextCountersISOBAR_fn>(find("clGetContextCountersISOBAR"));
  const auto reset =
      reinterpret_cast<clResetContextCountersISOBAR_fn>(find("clResetContextCountersISOBAR"));
  ASSERT_TRUE(event_counters != nullptr && context_counters != nullptr && reset != nullptr);
  EXPECT_EQ(find("clNothingISOBAR"), nullptr);
  cl_kernel kernel = kernel_of(kSaxpy, "saxpy");
  set(kernel, 0, make_buffer(4096));
  set(kernel, 1, make_buffer(4096));
  set(kernel, 2, 2.0F);
  cl_event event = nullptr;
  for (int i = 0; i < 3; ++i) {
    if (event != nullptr) clReleaseEvent(event);
    ASSERT_EQ(launch(kernel, 1024, 64, &event), CL_SUCCESS);
  }
  ASSERT_EQ(clFinish(queue_), CL_SUCCESS);
  cl_isobar_counters counters{};
  ASSERT_EQ(event_counters(event, sizeof counters, &counters), CL_SUCCESS);
  EXPECT_EQ(event_counters(event, 8, &counters), CL_INVALID_VALUE);
  EXPECT_EQ(counters.launches, 1U);
  EXPECT_EQ(counters.work_groups, 16U);
  EXPECT_EQ(counters.work_items, 1024U);
  EXPECT_EQ(counters.flops_fp32, 2048U) << "one fused multiply-add each";
  EXPECT_EQ(counters.global_load_bytes, 8192U);
  EXPECT_EQ(counters.global_store_bytes, 4096U);
  EXPECT_EQ(counters.device_picoseconds, counters.part_arithmetic + counters.part_issue +
                                             counters.part_local_memory + counters.part_dram +
                                             counters.part_launch);
  cl_ulong start = 0;
  cl_ulong end = 0;
  clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof start, &start, nullptr);
  clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr);
  EXPECT_NEAR(static_cast<double>(end - start),
              static_cast<double>(counters.device_picoseconds) / 1000, 1.0);
  clReleaseEvent(event);
  cl_uint rows = 0;
  ASSERT_EQ(context_counters(context_, sizeof(cl_isobar_kernel_row), 0, nullptr, &rows),
            CL_SUCCESS);
  ASSERT_EQ(rows, 1U);
  cl_isobar_kernel_row row{};
  context_counters(context_, sizeof row, 1, &row, nullptr);
  EXPECT_STREQ(row.kernel_name, "saxpy");
  EXPECT_EQ(row.counters.launches, 3U);
  EXPECT_EQ(row.counters.flops_fp32, 3 * counters.flops_fp32);
  EXPECT_EQ(row.counters.device_picoseconds, 3 * counters.device_picoseconds);
  EXPECT_EQ(reset(context_), CL_SUCCESS);
  context_counters(context_, sizeof row, 0, nullptr, &rows);
  EXPECT_EQ(rows, 0U);
}

TEST_F(Kernels, ManyQueuesRunKernelsAtOnce) {
  cl_program program = build(kSaxpy);
  std::vector<cl_mem> results;
  std::vector<cl_command_queue> queues;
  for (int q = 0; q < 4; ++q) {
    queues.push_back(make_queue());
    results.push_back(buffer_of(std::vector<float>(512, 0.0F)));
    cl_mem ones = buffer_of(std::vector<float>(512, 1.0F));
    cl_kernel kernel = make_kernel(program, "saxpy");
    set(kernel, 0, results.back());
    set(kernel, 1, ones);
    set(kernel, 2, static_cast<float>(q + 1));
    const std::size_t global = 512;
    for (int i = 0; i < 20; ++i)
      ASSERT_EQ(clEnqueueNDRangeKernel(queues.back(), kernel, 1, nullptr, &global, nullptr, 0,
                                       nullptr, nullptr),
                CL_SUCCESS);
  }
  for (cl_command_queue queue : queues) EXPECT_EQ(clFinish(queue), CL_SUCCESS);
  for (std::size_t q = 0; q < 4; ++q)
    EXPECT_EQ(read<float>(results[q], 512)[511], 20.0F * static_cast<float>(q + 1));
}

}  // namespace
}  // namespace isobar::opencl::test
