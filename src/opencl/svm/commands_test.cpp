// Commands on shared virtual memory: what they do, what they refuse, what their events say.
#include <atomic>
#include <numeric>

#include "opencl/svm/svm_fixture.h"

namespace isobar::opencl::test {
namespace {

class SvmCommands : public SvmTest {
 protected:
  void SetUp() override {
    SvmTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    values_ = allocate<cl_int>(kCount);
    with_mapped(values_, kCount, [&] { std::iota(values_, values_ + kCount, 0); });
    other_context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, nullptr);
    foreign_event_ = clCreateUserEvent(other_context_, nullptr);
  }
  void TearDown() override {
    if (foreign_event_ != nullptr) clReleaseEvent(foreign_event_);
    if (other_context_ != nullptr) clReleaseContext(other_context_);
    SvmTest::TearDown();
  }

  /// A call with three wait lists that no command takes.
  template <class Call>
  void wait_lists_are_checked(const Call& call) {
    cl_event mine = clCreateUserEvent(context_, nullptr);
    clSetUserEventStatus(mine, CL_COMPLETE);
    EXPECT_EQ(call(queue_, 1, nullptr), CL_INVALID_EVENT_WAIT_LIST);
    EXPECT_EQ(call(queue_, 0, &mine), CL_INVALID_EVENT_WAIT_LIST);
    const cl_event none = nullptr;
    EXPECT_EQ(call(queue_, 1, &none), CL_INVALID_EVENT_WAIT_LIST);
    EXPECT_EQ(call(queue_, 1, &foreign_event_), CL_INVALID_CONTEXT);
    EXPECT_EQ(call(nullptr, 0, nullptr), CL_INVALID_COMMAND_QUEUE);
    EXPECT_EQ(call(queue_, 1, &mine), CL_SUCCESS);
    clFinish(queue_);
    clReleaseEvent(mine);
  }
  /// A blocking call that waits for an event which has failed.
  template <class Call>
  void failed_waits_are_told(const Call& call) {
    if (!is_isobar_) return;  // PoCL 3.1 waits for ever
    cl_event failed = clCreateUserEvent(context_, nullptr);
    clSetUserEventStatus(failed, -5);
    EXPECT_EQ(call(1, &failed), CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
    clReleaseEvent(failed);
  }

  static constexpr std::size_t kCount = 1024;
  static constexpr std::size_t kBytes = kCount * sizeof(cl_int);
  cl_int* values_ = nullptr;
  cl_context other_context_ = nullptr;
  cl_event foreign_event_ = nullptr;
};

TEST_F(SvmCommands, MemcpyGoesAcrossAndToAndFromTheHost) {
  auto* second = allocate<cl_int>(kCount);
  std::vector<cl_int> host(kCount, -1);
  cl_event event = nullptr;
  EXPECT_EQ(clEnqueueSVMMemcpy(queue_, CL_FALSE, second, values_, kBytes, 0, nullptr, &event),
            CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_MEMCPY});
  EXPECT_EQ(clEnqueueSVMMemcpy(queue_, CL_TRUE, host.data(), second, kBytes, 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(host[1000], 1000);
  host[3] = -3;
  EXPECT_EQ(clEnqueueSVMMemcpy(queue_, CL_TRUE, values_ + 8, host.data(), 16, 0, nullptr, nullptr),
            CL_SUCCESS);
  with_mapped(values_, kCount, [&] {
    EXPECT_EQ(values_[8], 0);
    EXPECT_EQ(values_[11], -3);
    EXPECT_EQ(values_[12], 12);
  });
}

TEST_F(SvmCommands, MemcpyRefusesWhatItCannotDo) {
  int host = 0;
  const auto copy = [&](void* to, const void* from, std::size_t size) {
    return clEnqueueSVMMemcpy(queue_, CL_TRUE, to, from, size, 0, nullptr, nullptr);
  };
  EXPECT_EQ(copy(nullptr, values_, 4), CL_INVALID_VALUE);
  EXPECT_EQ(copy(values_, nullptr, 4), CL_INVALID_VALUE);
  EXPECT_EQ(copy(values_, values_ + 1, 8), CL_MEM_COPY_OVERLAP);
  EXPECT_EQ(copy(values_ + 1, values_, 8), CL_MEM_COPY_OVERLAP);
  EXPECT_EQ(copy(values_ + 2, values_, 8), CL_SUCCESS);
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMMemcpy(queue, CL_FALSE, &host, values_, 4, count, events, nullptr);
  });
  if (is_isobar_) {  // undefined elsewhere: to the byte here
    EXPECT_EQ(copy(values_ + kCount - 1, &host, 8), CL_INVALID_VALUE);
    EXPECT_EQ(copy(&host, values_ + kCount, 4), CL_INVALID_VALUE);
    EXPECT_EQ(copy(&host, reinterpret_cast<char*>(values_) + kBytes + 64, 4), CL_INVALID_VALUE);
  }
  failed_waits_are_told([&](cl_uint count, const cl_event* events) {
    return clEnqueueSVMMemcpy(queue_, CL_TRUE, &host, values_, 4, count, events, nullptr);
  });
}

TEST_F(SvmCommands, MemcpyReachesAMappedBuffer) {
  cl_mem buffer = make_buffer(64);
  cl_int code = 0;
  void* view =
      clEnqueueMapBuffer(queue_, buffer, CL_TRUE, CL_MAP_WRITE, 0, 64, 0, nullptr, nullptr, &code);
  EXPECT_EQ(clEnqueueSVMMemcpy(queue_, CL_TRUE, view, values_ + 100, 64, 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 16)[15], 115);
}

TEST_F(SvmCommands, MemFillRepeatsThePattern) {
  const cl_short pattern[2] = {1, 2};
  cl_event event = nullptr;
  EXPECT_EQ(clEnqueueSVMMemFill(queue_, values_ + 1, pattern, 4, 20, 0, nullptr, &event),
            CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_MEMFILL});
  with_mapped(values_, kCount, [&] {
    EXPECT_EQ(values_[0], 0);
    EXPECT_EQ(values_[1], 0x20001);
    EXPECT_EQ(values_[5], 0x20001);
    EXPECT_EQ(values_[6], 6);
  });
  const cl_ulong16 large{{1, 2, 3}};
  EXPECT_EQ(clEnqueueSVMMemFill(queue_, values_, &large, 128, 256, 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  with_mapped(values_, kCount, [&] { EXPECT_EQ(values_[32 + 4], 3); });
}

TEST_F(SvmCommands, MemFillRefusesWhatItCannotDo) {
  const cl_ulong16 pattern{};
  const auto fill = [&](void* to, const void* from, std::size_t pattern_size, std::size_t size) {
    return clEnqueueSVMMemFill(queue_, to, from, pattern_size, size, 0, nullptr, nullptr);
  };
  EXPECT_EQ(fill(nullptr, &pattern, 4, 4), CL_INVALID_VALUE);
  if (is_isobar_) {  // PoCL 3.1 crashes
    EXPECT_EQ(fill(values_, nullptr, 4, 4), CL_INVALID_VALUE);
    EXPECT_EQ(fill(values_, &pattern, 0, 4), CL_INVALID_VALUE);
    EXPECT_EQ(fill(values_, &pattern, 256, 256), CL_INVALID_VALUE);
  }
  EXPECT_EQ(fill(values_, &pattern, 3, 6), CL_INVALID_VALUE);
  EXPECT_EQ(fill(values_, &pattern, 4, 6), CL_INVALID_VALUE);
  EXPECT_EQ(fill(values_ + 1, &pattern, 8, 8), CL_INVALID_VALUE);
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMMemFill(queue, values_, &pattern, 4, 4, count, events, nullptr);
  });
  if (!is_isobar_) return;  // undefined elsewhere
  int mine = 0;
  EXPECT_EQ(fill(values_ + kCount - 1, &pattern, 4, 8), CL_INVALID_VALUE);
  EXPECT_EQ(fill(&mine, &pattern, 4, 4), CL_INVALID_VALUE);
  void* theirs = clSVMAlloc(other_context_, CL_MEM_READ_WRITE, 64, 0);
  EXPECT_EQ(fill(theirs, &pattern, 4, 4), CL_INVALID_VALUE);
  clSVMFree(other_context_, theirs);
}

TEST_F(SvmCommands, MapAndUnmapAreCommandsWithEvents) {
  cl_event event = nullptr;
  EXPECT_EQ(clEnqueueSVMMap(queue_, CL_FALSE, CL_MAP_WRITE_INVALIDATE_REGION, values_ + 4, 64, 0,
                            nullptr, &event),
            CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_MAP});
  values_[4] = 44;
  EXPECT_EQ(clEnqueueSVMUnmap(queue_, values_ + 4, 0, nullptr, &event), CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_UNMAP});
  EXPECT_EQ(values_[4], 44);
}

TEST_F(SvmCommands, MapAndUnmapRefuseWhatIsNotThere) {
  const auto map = [&](cl_map_flags flags, void* pointer, std::size_t size) {
    return clEnqueueSVMMap(queue_, CL_TRUE, flags, pointer, size, 0, nullptr, nullptr);
  };
  EXPECT_EQ(map(CL_MAP_READ, nullptr, 4), CL_INVALID_VALUE);
  EXPECT_EQ(map(CL_MAP_READ, values_, 0), CL_INVALID_VALUE);
  EXPECT_EQ(clEnqueueSVMUnmap(queue_, nullptr, 0, nullptr, nullptr), CL_INVALID_VALUE);
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMMap(queue, CL_FALSE, CL_MAP_READ, values_, 64, count, events, nullptr);
  });
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMUnmap(queue, values_, count, events, nullptr);
  });
  if (is_isobar_) {  // PoCL 3.1 does not look at flags; the rest is undefined elsewhere
    EXPECT_EQ(map(1U << 20U, values_, 4), CL_INVALID_VALUE);
    EXPECT_EQ(map(CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION, values_, 4), CL_INVALID_VALUE);
    int mine = 0;
    EXPECT_EQ(map(CL_MAP_READ, &mine, 4), CL_INVALID_VALUE);
    EXPECT_EQ(map(CL_MAP_READ, values_ + kCount - 1, 8), CL_INVALID_VALUE);
    EXPECT_EQ(clEnqueueSVMUnmap(queue_, values_, 0, nullptr, nullptr), CL_INVALID_VALUE)
        << "not mapped any more";
    EXPECT_EQ(map(CL_MAP_READ, values_, 64), CL_SUCCESS);
    EXPECT_EQ(map(CL_MAP_READ, values_, 32), CL_SUCCESS);
    EXPECT_EQ(clEnqueueSVMUnmap(queue_, values_ + 1, 0, nullptr, nullptr), CL_INVALID_VALUE);
    for (const cl_int code : {CL_SUCCESS, CL_SUCCESS, CL_INVALID_VALUE})
      EXPECT_EQ(clEnqueueSVMUnmap(queue_, values_, 0, nullptr, nullptr), code);
  }
  failed_waits_are_told([&](cl_uint count, const cl_event* events) {
    return clEnqueueSVMMap(queue_, CL_TRUE, CL_MAP_READ, values_, 64, count, events, nullptr);
  });
  if (is_isobar_)
    EXPECT_EQ(clEnqueueSVMUnmap(queue_, values_, 0, nullptr, nullptr), CL_INVALID_VALUE)
        << "the failed map mapped nothing";
}

TEST_F(SvmCommands, MigrationTakesRangesOfAllocations) {
  const auto migrate = [&](cl_uint count, const void** pointers, const std::size_t* sizes,
                           cl_mem_migration_flags flags) {
    return clEnqueueSVMMigrateMem(queue_, count, pointers, sizes, flags, 0, nullptr, nullptr);
  };
  const void* pointers[] = {values_, values_ + 5};
  std::size_t sizes[] = {0, kBytes - 20};
  EXPECT_EQ(migrate(2, pointers, nullptr, 0), CL_SUCCESS);
  EXPECT_EQ(migrate(2, pointers, sizes, CL_MIGRATE_MEM_OBJECT_HOST), CL_SUCCESS);
  EXPECT_EQ(migrate(0, pointers, nullptr, 0), CL_INVALID_VALUE);
  EXPECT_EQ(migrate(2, nullptr, nullptr, 0), CL_INVALID_VALUE);
  EXPECT_EQ(migrate(2, pointers, nullptr, 1U << 20U), CL_INVALID_VALUE);
  cl_event event = nullptr;
  EXPECT_EQ(clEnqueueSVMMigrateMem(queue_, 1, pointers, nullptr, 0, 0, nullptr, &event),
            CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_MIGRATE_MEM});
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMMigrateMem(queue, 1, pointers, nullptr, 0, count, events, nullptr);
  });
  if (!is_isobar_) return;  // PoCL 3.1 does not look at the ranges
  sizes[1] = kBytes;
  EXPECT_EQ(migrate(2, pointers, sizes, 0), CL_INVALID_VALUE);
  pointers[0] = &sizes;
  EXPECT_EQ(migrate(2, pointers, nullptr, 0), CL_INVALID_VALUE);
}

TEST_F(SvmCommands, FreeWaitsForItsEventsAndItsTurn) {
  auto* mine = static_cast<cl_int*>(clSVMAlloc(context_, CL_MEM_READ_WRITE, 64, 0));
  cl_event gate = clCreateUserEvent(context_, nullptr);
  cl_event event = nullptr;
  void* list[] = {mine};
  EXPECT_EQ(clEnqueueSVMFree(queue_, 1, list, nullptr, nullptr, 1, &gate, &event), CL_SUCCESS);
  list[0] = nullptr;  // the list is the program's again
  mine[0] = 5;
  cl_command_queue other = make_queue();
  cl_int host = 0;
  EXPECT_EQ(clEnqueueSVMMemcpy(other, CL_TRUE, &host, mine, 4, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(host, 5);
  clSetUserEventStatus(gate, CL_COMPLETE);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_FREE});
  clReleaseEvent(gate);
  if (!is_isobar_) return;
  EXPECT_EQ(clEnqueueSVMMemcpy(other, CL_TRUE, &host, mine, 4, 0, nullptr, nullptr),
            CL_INVALID_VALUE)
      << "it is gone";
}

TEST_F(SvmCommands, FreeLeavesItToACallback) {
  struct Seen {
    std::atomic<int> calls{0};
    cl_command_queue queue = nullptr;
    std::vector<void*> pointers;
  } seen;
  int system_memory = 0;
  void* list[] = {&system_memory, clSVMAlloc(context_, CL_MEM_READ_WRITE, 64, 0)};
  cl_event event = nullptr;
  const auto callback = [](cl_command_queue queue, cl_uint count, void* pointers[], void* data) {
    auto& to = *static_cast<Seen*>(data);
    to.queue = queue;
    to.pointers.assign(pointers, pointers + count);
    ++to.calls;
  };
  EXPECT_EQ(clEnqueueSVMFree(queue_, 2, list, callback, &seen, 0, nullptr, &event), CL_SUCCESS);
  EXPECT_EQ(ended(event), cl_command_type{CL_COMMAND_SVM_FREE});
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(seen.queue, queue_);
  EXPECT_EQ(seen.pointers, (std::vector<void*>{list[0], list[1]}));
  clSVMFree(context_, list[1]);  // the callback's business, and it did nothing
}

TEST_F(SvmCommands, FreeRefusesWhatItCannotDo) {
  void* list[] = {nullptr};
  const auto free = [&](cl_uint count, void** pointers) {
    return clEnqueueSVMFree(queue_, count, pointers, nullptr, nullptr, 0, nullptr, nullptr);
  };
  EXPECT_EQ(free(0, list), CL_INVALID_VALUE);
  EXPECT_EQ(free(1, nullptr), CL_INVALID_VALUE);
  if (!is_isobar_) return;  // PoCL 3.1 looks at nothing more
  EXPECT_EQ(free(0, nullptr), CL_SUCCESS);
  EXPECT_EQ(free(1, list), CL_SUCCESS) << "null is nothing to free";
  wait_lists_are_checked([&](cl_command_queue queue, cl_uint count, const cl_event* events) {
    return clEnqueueSVMFree(queue, 1, list, nullptr, nullptr, count, events, nullptr);
  });
  list[0] = values_ + 1;
  EXPECT_EQ(free(1, list), CL_INVALID_VALUE) << "not what clSVMAlloc returned";
  list[0] = &list;
  EXPECT_EQ(free(1, list), CL_INVALID_VALUE) << "nobody knows how to free that";
  list[0] = clSVMAlloc(other_context_, CL_MEM_READ_WRITE, 64, 0);
  EXPECT_EQ(free(1, list), CL_INVALID_VALUE) << "another context's";
  clSVMFree(other_context_, list[0]);
}

}  // namespace
}  // namespace isobar::opencl::test
