// Kernels that go wrong: each ends with an error for the program and a diagnosis on standard error
// that names the kernel, the work-item, the instruction and the line of the source.
#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

class Faults : public OpenClTest {
 protected:
  void SetUp() override {
    OpenClTest::SetUp();
    if (!is_isobar_) GTEST_SKIP() << "other devices crash or go on";
  }

  /// Runs a kernel over one buffer of 256 ints; gives what was printed on standard error.
  std::string run(const char* source, const char* name, std::size_t items,
                  bool null_buffer = false) {
    cl_kernel kernel = kernel_of(source, name);
    cl_mem buffer = null_buffer ? nullptr : make_buffer(1024);
    EXPECT_EQ(clSetKernelArg(kernel, 0, sizeof buffer, &buffer), CL_SUCCESS);
    testing::internal::CaptureStderr();
    cl_event event = nullptr;
    EXPECT_EQ(launch(kernel, items, 0, &event), CL_SUCCESS);
    cl_event after = nullptr;
    EXPECT_EQ(clEnqueueMarkerWithWaitList(queue_, 0, nullptr, &after), CL_SUCCESS);
    EXPECT_EQ(clWaitForEvents(1, &event), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
    EXPECT_LT(status_of(event), 0);
    EXPECT_EQ(clFinish(queue_), CL_OUT_OF_RESOURCES);
    EXPECT_EQ(status_of(after), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
    clReleaseEvent(event);
    clReleaseEvent(after);
    return testing::internal::GetCapturedStderr();
  }

  static cl_int status_of(cl_event event) {
    cl_int status = 77;
    clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, nullptr);
    return status;
  }

  static void expect_words(const std::string& text, const std::vector<std::string>& words) {
    for (const std::string& word : words)
      EXPECT_NE(text.find(word), std::string::npos) << "no \"" << word << "\" in:\n" << text;
  }
};

TEST_F(Faults, AStorePastTheEndNamesItsLineAndWorkItem) {
  const std::string text =
      run("kernel void past_the_end(global int* a) {\n"
          "  size_t i = get_global_id(0);\n"
          "  a[i] = 1;\n"
          "}\n",
          "past_the_end", 257);
  expect_words(text,
               {"past_the_end", "store", "4 bytes", "(256, 0, 0)", "kernel.cl:3", "pc:", "sw"});
}

TEST_F(Faults, ALoadThroughNullNamesItsLine) {
  const std::string text =
      run("kernel void through_null(global int* a) {\n"
          "  a[1] =\n"
          "      a[0] + 1;\n"
          "}\n",
          "through_null", 1, true);
  expect_words(text, {"through_null", "null", "load", "kernel.cl:3", "lw"});
}

TEST_F(Faults, AnEndlessLoopIsEndedByTheTimeLimit) {
  // ctest sets ISOBAR_TIME_LIMIT for this test program.
  if (std::getenv("ISOBAR_TIME_LIMIT") == nullptr) GTEST_SKIP() << "no time limit is set";
  const std::string text =
      run("kernel void endless(global volatile int* a) {\n"
          "  while (a[0] == 0) a[1] += 1;\n"
          "}\n",
          "endless", 64);
  expect_words(text, {"endless", "time limit", "kernel.cl:2"});
}

TEST_F(Faults, AnIllegalInstructionIsShown) {
  const std::string text =
      run("kernel void illegal(global int* a) {\n"
          "  a[0] = 1;\n"
          "  __asm__ volatile(\".word 0xffffffff\");\n"
          "}\n",
          "illegal", 1);
  expect_words(text, {"illegal instruction", "kernel.cl:3"});
}

TEST_F(Faults, UndefinedBehaviourNeverRunsIntoTheNextKernel) {
  const char* next = "kernel void next(global int* a) { a[0] = 77; }\n";
  for (const char* options : {"-cl-std=CL3.0", "-cl-std=CL3.0 -cl-opt-disable"}) {
    const auto text = [&](const std::string& body) {
      const std::string source = "kernel void f(global int* a) {\n  " + body + "\n}\n" + next;
      cl_kernel kernel = kernel_of(source.c_str(), "f", options);
      cl_mem buffer = buffer_of(std::vector<cl_int>(64, 5));
      set(kernel, 0, buffer);
      testing::internal::CaptureStderr();
      EXPECT_EQ(launch(kernel, 4), CL_SUCCESS);
      EXPECT_NE(clFinish(queue_), CL_SUCCESS) << body;
      queue_ = make_queue();
      EXPECT_NE(read<cl_int>(buffer, 1)[0], 77) << body;
      return testing::internal::GetCapturedStderr();
    };
    expect_words(text("*(global int*)0 = 3;"), {"null", "store", "kernel.cl:2"});
    expect_words(text("if (a[1] == 5) *(global int*)0 = 3;"), {"null", "store", "kernel.cl:2"});
    expect_words(text("__builtin_unreachable();"), {"undefined", "kernel.cl:2"});
    expect_words(text("__builtin_trap();"), {"undefined", "kernel.cl:2"});
  }
}

TEST_F(Faults, TooMuchLocalMemoryIsRefusedWithTheNumbers) {
  cl_kernel kernel = kernel_of("kernel void big(local int* s) { s[get_local_id(0)] = 1; }", "big");
  EXPECT_EQ(clSetKernelArg(kernel, 0, 64 << 20, nullptr), CL_SUCCESS);
  testing::internal::CaptureStderr();
  EXPECT_EQ(launch(kernel, 32), CL_OUT_OF_RESOURCES);
  const std::string text = testing::internal::GetCapturedStderr();
  expect_words(text, {"big", "67108864", "local memory"});
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS) << "nothing ran, nothing is broken";
}

TEST_F(Faults, OtherQueuesGoOn) {
  (void)run("kernel void f(global int* a) { a[get_global_id(0) + 100000] = 1; }", "f", 1);
  queue_ = make_queue();
  cl_kernel kernel = kernel_of("kernel void g(global int* a) { a[get_global_id(0)] = 3; }", "g");
  cl_mem buffer = make_buffer(1024);
  set(kernel, 0, buffer);
  EXPECT_EQ(launch(kernel, 256), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 256)[255], 3);
}

TEST_F(Faults, ABlockingReadBehindAFaultFails) {
  cl_kernel kernel = kernel_of("kernel void f(global int* a) { a[99999] = 1; }", "f");
  cl_mem buffer = make_buffer(1024);
  set(kernel, 0, buffer);
  testing::internal::CaptureStderr();
  EXPECT_EQ(launch(kernel, 1), CL_SUCCESS);
  int host = 0;
  EXPECT_EQ(clEnqueueReadBuffer(queue_, buffer, CL_TRUE, 0, 4, &host, 0, nullptr, nullptr),
            CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
  (void)testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace isobar::opencl::test
