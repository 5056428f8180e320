// Events: user events, wait lists across queues, callbacks, errors handed on, many threads at once.
#include <atomic>
#include <thread>

#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

class Events : public OpenClTest {
 protected:
  static cl_int status_of(cl_event event) {
    cl_int status = 77;
    EXPECT_EQ(
        clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, nullptr),
        CL_SUCCESS);
    return status;
  }
};

TEST_F(Events, ACommandWaitsForAUserEventAcrossQueues) {
  cl_command_queue other = make_queue();
  cl_mem buffer = buffer_of(std::vector<cl_int>{1, 2, 3, 4});
  cl_int code = 0;
  cl_event gate = clCreateUserEvent(context_, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  const cl_int five = 5;
  cl_event filled = nullptr;
  ASSERT_EQ(clEnqueueFillBuffer(queue_, buffer, &five, 4, 0, 16, 1, &gate, &filled), CL_SUCCESS);
  cl_int result[4] = {};
  cl_event done = nullptr;
  ASSERT_EQ(clEnqueueReadBuffer(other, buffer, CL_FALSE, 0, 16, result, 1, &filled, &done),
            CL_SUCCESS);
  clFlush(queue_);
  clFlush(other);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GT(status_of(done), CL_COMPLETE);
  EXPECT_EQ(clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);
  EXPECT_EQ(clSetUserEventStatus(gate, CL_COMPLETE), CL_INVALID_OPERATION);
  EXPECT_EQ(clWaitForEvents(1, &done), CL_SUCCESS);
  EXPECT_EQ(result[3], 5);
  for (cl_event event : {gate, filled, done}) EXPECT_EQ(clReleaseEvent(event), CL_SUCCESS);
}

TEST_F(Events, AFailedUserEventFailsWhatWaitsForIt) {
  cl_mem buffer = make_buffer(16);
  cl_event gate = clCreateUserEvent(context_, nullptr);
  const cl_int five = 5;
  cl_event filled = nullptr;
  ASSERT_EQ(clEnqueueFillBuffer(queue_, buffer, &five, 4, 0, 16, 1, &gate, &filled), CL_SUCCESS);
  EXPECT_EQ(clSetUserEventStatus(gate, 1), CL_INVALID_VALUE);
  EXPECT_EQ(clSetUserEventStatus(gate, -42), CL_SUCCESS);
  EXPECT_EQ(clWaitForEvents(1, &filled), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
  EXPECT_LT(status_of(filled), 0);
  EXPECT_EQ(status_of(gate), -42);
  clReleaseEvent(gate);
  clReleaseEvent(filled);
}

TEST_F(Events, CallbacksComeOnceAtTheirStatusAndAtOnceIfItIsPast) {
  cl_event event = clCreateUserEvent(context_, nullptr);
  std::atomic<int> calls{0};
  const auto count = [](cl_event, cl_int status, void* data) {
    EXPECT_EQ(status, CL_COMPLETE);
    ++*static_cast<std::atomic<int>*>(data);
  };
  EXPECT_EQ(clSetEventCallback(event, CL_COMPLETE, count, &calls), CL_SUCCESS);
  EXPECT_EQ(clSetEventCallback(event, CL_QUEUED, count, &calls), CL_INVALID_VALUE);
  EXPECT_EQ(clSetEventCallback(event, CL_COMPLETE, nullptr, &calls), CL_INVALID_VALUE);
  EXPECT_EQ(calls, 0);
  clSetUserEventStatus(event, CL_COMPLETE);
  EXPECT_EQ(clSetEventCallback(event, CL_COMPLETE, count, &calls), CL_SUCCESS);
  for (int i = 0; i < 2000 && calls < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(calls, 2);
  clReleaseEvent(event);
}

TEST_F(Events, WrongWaitListsAreRefused) {
  EXPECT_EQ(clWaitForEvents(0, nullptr), CL_INVALID_VALUE);
  cl_event event = clCreateUserEvent(context_, nullptr);
  EXPECT_EQ(clEnqueueMarkerWithWaitList(queue_, 0, &event, nullptr), CL_INVALID_EVENT_WAIT_LIST);
  EXPECT_EQ(clEnqueueMarkerWithWaitList(queue_, 1, nullptr, nullptr), CL_INVALID_EVENT_WAIT_LIST);
  cl_int code = 0;
  cl_context other = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &code);
  cl_event foreign = clCreateUserEvent(other, nullptr);
  EXPECT_EQ(clEnqueueMarkerWithWaitList(queue_, 1, &foreign, nullptr), CL_INVALID_CONTEXT);
  clSetUserEventStatus(event, CL_COMPLETE);
  clSetUserEventStatus(foreign, CL_COMPLETE);
  clReleaseEvent(event);
  clReleaseEvent(foreign);
  clReleaseContext(other);
}

TEST_F(Events, ProfilingTimesAreInOrder) {
  cl_mem buffer = make_buffer(1 << 16);
  const cl_int zero = 0;
  cl_ulong last = 0;
  for (int i = 0; i < 3; ++i) {
    cl_event event = nullptr;
    clEnqueueFillBuffer(queue_, buffer, &zero, 4, 0, 1 << 16, 0, nullptr, &event);
    ASSERT_EQ(clWaitForEvents(1, &event), CL_SUCCESS);
    std::vector<cl_ulong> times;
    for (cl_profiling_info what = CL_PROFILING_COMMAND_QUEUED; what <= CL_PROFILING_COMMAND_END;
         ++what) {
      cl_ulong time = 0;
      EXPECT_EQ(clGetEventProfilingInfo(event, what, sizeof time, &time, nullptr), CL_SUCCESS);
      times.push_back(time);
    }
    EXPECT_TRUE(std::ranges::is_sorted(times));
    EXPECT_GT(times[3], times[2]) << "a program divides by this";
    EXPECT_GE(times[2], last);
    last = times[3];
    clReleaseEvent(event);
  }
}

TEST_F(Events, ManyThreadsShareAContext) {
  constexpr int kThreads = 4;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      cl_command_queue queue =
          clCreateCommandQueueWithProperties(context_, device_, nullptr, nullptr);
      for (cl_int i = 0; i < 100; ++i) {
        cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, 4096, nullptr, nullptr);
        const cl_int value = 1000 * t + i;
        cl_event event = nullptr;
        clEnqueueFillBuffer(queue, buffer, &value, 4, 0, 4096, 0, nullptr, &event);
        cl_int got = -1;
        clEnqueueReadBuffer(queue, buffer, CL_TRUE, 4092, 4, &got, 1, &event, nullptr);
        wrong += got == value ? 0 : 1;
        clReleaseEvent(event);
        clReleaseMemObject(buffer);
      }
      clReleaseCommandQueue(queue);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

/// A queue may be let go while its commands wait: they still run.
TEST_F(Events, ReleasedQueuesFinishTheirCommands) {
  cl_command_queue queue = clCreateCommandQueueWithProperties(context_, device_, nullptr, nullptr);
  cl_mem buffer = make_buffer(4);
  cl_event gate = clCreateUserEvent(context_, nullptr);
  cl_event done = nullptr;
  const cl_int six = 6;
  clEnqueueFillBuffer(queue, buffer, &six, 4, 0, 4, 1, &gate, &done);
  if (!is_isobar_) clSetUserEventStatus(gate, CL_COMPLETE);  // others may wait in the release
  EXPECT_EQ(clReleaseCommandQueue(queue), CL_SUCCESS);
  if (is_isobar_) EXPECT_EQ(clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);
  EXPECT_EQ(clWaitForEvents(1, &done), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 1)[0], 6);
  clReleaseEvent(gate);
  clReleaseEvent(done);
}

}  // namespace
}  // namespace isobar::opencl::test
