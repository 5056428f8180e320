// Buffers: creation, sub-buffers, transfers in every form, mapping.
#include <numeric>

#include "opencl/test_fixture.h"

namespace isobar::opencl::test {
namespace {

class Memory : public OpenClTest {};

std::vector<cl_int> counting(std::size_t count) {
  std::vector<cl_int> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

TEST_F(Memory, WriteCopyFillReadRoundTrip) {
  const std::vector<cl_int> values = counting(1000);
  cl_mem a = buffer_of(values);
  cl_mem b = make_buffer(4000);
  EXPECT_EQ(clEnqueueCopyBuffer(queue_, a, b, 0, 0, 4000, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(b, 1000), values);
  const cl_short pattern = 0x1234;
  EXPECT_EQ(clEnqueueFillBuffer(queue_, b, &pattern, 2, 4, 10, 0, nullptr, nullptr), CL_SUCCESS);
  const auto filled = read<cl_int>(b, 5);
  EXPECT_EQ(filled, (std::vector<cl_int>{0, 0x12341234, 0x12341234, 0x1234, 4}));
}

TEST_F(Memory, RangesOutsideTheBufferAreRefused) {
  cl_mem buffer = make_buffer(64);
  char host[128];
  const auto try_read = [&](std::size_t offset, std::size_t size, void* to) {
    return clEnqueueReadBuffer(queue_, buffer, CL_TRUE, offset, size, to, 0, nullptr, nullptr);
  };
  EXPECT_EQ(try_read(0, 65, host), CL_INVALID_VALUE);
  EXPECT_EQ(try_read(64, 1, host), CL_INVALID_VALUE);
  EXPECT_EQ(try_read(~std::size_t{0}, 2, host), CL_INVALID_VALUE);
  EXPECT_EQ(try_read(0, 64, nullptr), CL_INVALID_VALUE);
  const int pattern = 0;
  EXPECT_EQ(clEnqueueFillBuffer(queue_, buffer, &pattern, 3, 0, 6, 0, nullptr, nullptr),
            CL_INVALID_VALUE);
  EXPECT_EQ(clEnqueueFillBuffer(queue_, buffer, &pattern, 4, 2, 4, 0, nullptr, nullptr),
            CL_INVALID_VALUE);
  EXPECT_EQ(clEnqueueCopyBuffer(queue_, buffer, buffer, 0, 16, 32, 0, nullptr, nullptr),
            CL_MEM_COPY_OVERLAP);
}

TEST_F(Memory, WrongCreationIsRefused) {
  const auto try_create = [&](cl_mem_flags flags, std::size_t size, void* host) {
    cl_int code = CL_SUCCESS;
    EXPECT_EQ(clCreateBuffer(context_, flags, size, host, &code), nullptr);
    return code;
  };
  int host = 0;
  EXPECT_EQ(try_create(CL_MEM_READ_WRITE, 0, nullptr), CL_INVALID_BUFFER_SIZE);
  EXPECT_EQ(try_create(CL_MEM_READ_WRITE, ~std::size_t{0}, nullptr), CL_INVALID_BUFFER_SIZE);
  EXPECT_EQ(try_create(CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 4, nullptr), CL_INVALID_VALUE);
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR, 4, nullptr), CL_INVALID_HOST_PTR);
  EXPECT_EQ(try_create(CL_MEM_READ_WRITE, 4, &host), CL_INVALID_HOST_PTR);
  EXPECT_EQ(try_create(CL_MEM_USE_HOST_PTR | CL_MEM_COPY_HOST_PTR, 4, &host), CL_INVALID_VALUE);
}

TEST_F(Memory, HostAccessFlagsHold) {
  char host[4];
  cl_mem no_read = make_buffer(4, CL_MEM_HOST_WRITE_ONLY);
  cl_mem no_write = make_buffer(4, CL_MEM_HOST_READ_ONLY);
  EXPECT_EQ(clEnqueueReadBuffer(queue_, no_read, CL_TRUE, 0, 4, host, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
  EXPECT_EQ(clEnqueueWriteBuffer(queue_, no_write, CL_TRUE, 0, 4, host, 0, nullptr, nullptr),
            CL_INVALID_OPERATION);
}

TEST_F(Memory, SubBuffersShareMemoryAndAreChecked) {
  cl_mem whole = buffer_of(counting(256));
  cl_int code = 0;
  cl_buffer_region region{512, 128};
  cl_mem part = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(part, 2), (std::vector<cl_int>{128, 129}));
  const cl_int nine = 9;
  clEnqueueFillBuffer(queue_, part, &nine, 4, 0, 4, 0, nullptr, nullptr);
  EXPECT_EQ(read<cl_int>(whole, 129)[128], 9);
  std::size_t offset = 0;
  clGetMemObjectInfo(part, CL_MEM_OFFSET, sizeof offset, &offset, nullptr);
  EXPECT_EQ(offset, 512U);
  EXPECT_EQ(clCreateSubBuffer(part, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_MEM_OBJECT);
  region = {4, 8};
  EXPECT_EQ(clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code), nullptr);
  EXPECT_EQ(code, CL_MISALIGNED_SUB_BUFFER_OFFSET);
  region = {512, 1024};
  EXPECT_EQ(clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code), nullptr);
  EXPECT_EQ(code, CL_INVALID_VALUE);
  EXPECT_EQ(clReleaseMemObject(part), CL_SUCCESS);
}

TEST_F(Memory, RectanglesGoInOutAndAcross) {
  cl_mem image = buffer_of(counting(64));  // 8 x 8
  const std::size_t from[3] = {2 * 4, 3, 0};
  const std::size_t zero[3] = {0, 0, 0};
  const std::size_t region[3] = {3 * 4, 2, 1};
  std::vector<cl_int> out(6);
  EXPECT_EQ(clEnqueueReadBufferRect(queue_, image, CL_TRUE, from, zero, region, 32, 0, 0, 0,
                                    out.data(), 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(out, (std::vector<cl_int>{26, 27, 28, 34, 35, 36}));
  EXPECT_EQ(clEnqueueWriteBufferRect(queue_, image, CL_TRUE, zero, zero, region, 32, 0, 0, 0,
                                     out.data(), 0, nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(image, 10), (std::vector<cl_int>{26, 27, 28, 3, 4, 5, 6, 7, 34, 35}));
  const std::size_t to[3] = {5 * 4, 6, 0};
  EXPECT_EQ(clEnqueueCopyBufferRect(queue_, image, image, zero, to, region, 32, 0, 32, 0, 0,
                                    nullptr, nullptr),
            CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(image, 64)[61], 34);
  const std::size_t below[3] = {0, 7, 0};
  EXPECT_EQ(clEnqueueCopyBufferRect(queue_, image, image, zero, below, region, 32, 0, 32, 0, 0,
                                    nullptr, nullptr),
            CL_INVALID_VALUE);
  const std::size_t near[3] = {4, 1, 0};
  EXPECT_EQ(clEnqueueCopyBufferRect(queue_, image, image, zero, near, region, 32, 0, 32, 0, 0,
                                    nullptr, nullptr),
            CL_MEM_COPY_OVERLAP);
}

TEST_F(Memory, MappedRangesAreSeenByBothSides) {
  cl_mem buffer = buffer_of(counting(16));
  cl_int code = 0;
  auto* view = static_cast<cl_int*>(clEnqueueMapBuffer(
      queue_, buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 16, 32, 0, nullptr, nullptr, &code));
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(view[0], 4);
  view[1] = 99;
  cl_uint count = 0;
  clGetMemObjectInfo(buffer, CL_MEM_MAP_COUNT, sizeof count, &count, nullptr);
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 6)[5], 99);
  if (is_isobar_)
    EXPECT_EQ(clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr), CL_INVALID_VALUE);
}

TEST_F(Memory, AUsersOwnMemoryIsWhereTheMapAppears) {
  alignas(128) cl_int mine[32] = {};
  cl_mem buffer = make_buffer(sizeof mine, CL_MEM_USE_HOST_PTR, mine);
  const cl_int seven = 7;
  clEnqueueFillBuffer(queue_, buffer, &seven, 4, 0, sizeof mine, 0, nullptr, nullptr);
  cl_int code = 0;
  auto* view = static_cast<cl_int*>(
      clEnqueueMapBuffer(queue_, buffer, CL_TRUE, CL_MAP_WRITE, 8, 8, 0, nullptr, nullptr, &code));
  ASSERT_EQ(code, CL_SUCCESS);
  EXPECT_EQ(view, mine + 2);
  EXPECT_EQ(mine[3], 7);
  view[1] = 8;
  clEnqueueUnmapMemObject(queue_, buffer, view, 0, nullptr, nullptr);
  EXPECT_EQ(read<cl_int>(buffer, 5), (std::vector<cl_int>{7, 7, 7, 8, 7}));
}

TEST_F(Memory, DestructorCallbacksRunLastFirst) {
  cl_int code = 0;
  cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, 4, nullptr, &code);
  std::string order;
  clSetMemObjectDestructorCallback(
      buffer, [](cl_mem, void* seen) { *static_cast<std::string*>(seen) += 'a'; }, &order);
  clSetMemObjectDestructorCallback(
      buffer, [](cl_mem, void* seen) { *static_cast<std::string*>(seen) += 'b'; }, &order);
  clRetainMemObject(buffer);
  clReleaseMemObject(buffer);
  EXPECT_EQ(order, "");
  clReleaseMemObject(buffer);
  EXPECT_EQ(order, "ba");
}

}  // namespace
}  // namespace isobar::opencl::test
