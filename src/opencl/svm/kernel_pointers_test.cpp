// Kernels and shared virtual memory: arguments, pointers inside structures, and what goes wrong.
#include "opencl/svm/svm_fixture.h"

namespace isobar::opencl::test {
namespace {

constexpr char kAdd[] = "kernel void add(global int* a, int n) { a[get_global_id(0)] += n; }";

class SvmKernels : public SvmTest {
 protected:
  /// What is printed of a launch that has to fault. The capture begins before the launch: the queue
  /// runs kernels as soon as it has them.
  std::string fault_of(cl_kernel kernel, std::size_t global) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(launch(kernel, global), CL_SUCCESS);
    EXPECT_EQ(clFinish(queue_), CL_OUT_OF_RESOURCES);
    return testing::internal::GetCapturedStderr();
  }
};

struct Node {
  cl_long value;
  Node* next;
};
constexpr char kNode[] = R"(
typedef struct node { long value; global struct node* next; } node;
kernel void sum(global node* head, global long* total) {
  long s = 0;
  for (global node* at = head; at; at = at->next) s += at->value;
  *total = s;
}
kernel void link(global node* nodes, int count, global ulong* head) {
  int i = get_global_id(0);  // the other way round, each node by a work-item of its own
  nodes[i].value = 10 * i;
  nodes[i].next = i > 0 ? nodes + i - 1 : 0;
  if (i == count - 1) *head = (ulong)(nodes + i);
})";

TEST_F(SvmKernels, AListThatTheHostBuiltIsWalkedOnTheDevice) {
  constexpr int kNodes = 100;
  // Each node an allocation of its own, so that pointers lead from one to another.
  std::vector<void*> all;
  Node* head = nullptr;
  for (int i = 0; i < kNodes; ++i) {
    auto* node = allocate<Node>(1);
    with_mapped(node, 1, [&] { *node = {i, head}; });
    head = node;
    all.push_back(node);
  }
  auto* total = allocate<cl_long>(1);
  cl_kernel sum = kernel_of(kNode, "sum");
  EXPECT_EQ(clSetKernelArgSVMPointer(sum, 0, head), CL_SUCCESS);
  EXPECT_EQ(clSetKernelArgSVMPointer(sum, 1, total), CL_SUCCESS);
  EXPECT_EQ(clSetKernelExecInfo(sum, CL_KERNEL_EXEC_INFO_SVM_PTRS, all.size() * sizeof(void*),
                                all.data()),
            CL_SUCCESS);
  EXPECT_EQ(launch(sum, 1), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  with_mapped(total, 1, [&] { EXPECT_EQ(*total, kNodes * (kNodes - 1) / 2); });
}

TEST_F(SvmKernels, AListThatTheDeviceBuiltIsWalkedOnTheHost) {
  constexpr cl_int kNodes = 1000;
  auto* nodes = allocate<Node>(kNodes);
  auto* head = allocate<Node*>(1);
  cl_kernel link = kernel_of(kNode, "link");
  EXPECT_EQ(clSetKernelArgSVMPointer(link, 0, nodes), CL_SUCCESS);
  set(link, 1, kNodes);
  EXPECT_EQ(clSetKernelArgSVMPointer(link, 2, head), CL_SUCCESS);
  EXPECT_EQ(launch(link, kNodes), CL_SUCCESS);
  with_mapped(head, 1, [&] {
    cl_long sum = 0;
    int count = 0;
    for (const Node* at = *head; at != nullptr; at = at->next, ++count) sum += at->value;
    EXPECT_EQ(count, kNodes);
    EXPECT_EQ(sum, 10L * kNodes * (kNodes - 1) / 2);
  });
}

TEST_F(SvmKernels, FineGrainedMemoryNeedsNoMap) {
  if ((capabilities() & CL_DEVICE_SVM_FINE_GRAIN_BUFFER) == 0) GTEST_SKIP();
  auto* values = allocate<cl_int>(64, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER);
  std::fill(values, values + 64, 5);
  cl_kernel add = kernel_of(kAdd, "add");
  EXPECT_EQ(clSetKernelArgSVMPointer(add, 0, values), CL_SUCCESS);
  set(add, 1, cl_int{7});
  EXPECT_EQ(launch(add, 64), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  EXPECT_EQ(values[63], 12);
}

TEST_F(SvmKernels, AnArgumentMayPointIntoAnAllocation) {
  auto* values = allocate<cl_int>(64);
  with_mapped(values, 64, [&] { std::fill(values, values + 64, 0); });
  cl_kernel add = kernel_of(kAdd, "add");
  set(add, 1, cl_int{1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(clSetKernelArgSVMPointer(add, 0, values + 8 * i), CL_SUCCESS);
    EXPECT_EQ(launch(add, 8), CL_SUCCESS);
  }
  cl_kernel copy = clCloneKernel(add, nullptr);
  EXPECT_EQ(launch(copy, 8), CL_SUCCESS);  // with the last pointer
  clReleaseKernel(copy);
  with_mapped(values, 64, [&] {
    EXPECT_EQ(values[0], 1);
    EXPECT_EQ(values[15], 1);
    EXPECT_EQ(values[16], 2);
    EXPECT_EQ(values[24], 0);
  });
}

TEST_F(SvmKernels, BuffersAndPointersReplaceEachOtherAsArguments) {
  auto* values = allocate<cl_int>(16);
  cl_mem buffer = buffer_of(std::vector<cl_int>(16, 100));
  cl_kernel add = kernel_of(kAdd, "add");
  set(add, 1, cl_int{1});
  EXPECT_EQ(clEnqueueSVMMemFill(queue_, values, "\0\0\0", 4, 64, 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_EQ(clSetKernelArgSVMPointer(add, 0, values), CL_SUCCESS);
  EXPECT_EQ(launch(add, 16), CL_SUCCESS);
  set(add, 0, buffer);
  EXPECT_EQ(launch(add, 16), CL_SUCCESS);
  EXPECT_EQ(clSetKernelArgSVMPointer(add, 0, values), CL_SUCCESS);
  EXPECT_EQ(launch(add, 16), CL_SUCCESS);
  EXPECT_EQ(read<cl_int>(buffer, 1)[0], 101);
  with_mapped(values, 16, [&] { EXPECT_EQ(values[0], 2); });
}

TEST_F(SvmKernels, WrongArgumentsAreRefused) {
  auto* values = allocate<cl_int>(16);
  cl_kernel f = kernel_of(
      "kernel void f(global int* a, constant int* c, local int* l, int n) { a[0] = c[0] + n; }",
      "f");
  EXPECT_EQ(clSetKernelArgSVMPointer(nullptr, 0, values), CL_INVALID_KERNEL);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 4, values), CL_INVALID_ARG_INDEX);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, values), CL_SUCCESS);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 1, values), CL_SUCCESS);
  if (!is_isobar_) return;  // PoCL 3.1 takes any pointer for any argument that is one
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 2, values), CL_INVALID_ARG_VALUE);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 3, values), CL_INVALID_ARG_VALUE);
  int mine = 0;
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, &mine), CL_INVALID_ARG_VALUE);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, nullptr), CL_SUCCESS);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, values + 16), CL_SUCCESS) << "an end is a pointer, too";
  cl_context other = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, nullptr);
  void* theirs = clSVMAlloc(other, CL_MEM_READ_WRITE, 64, 0);
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, theirs), CL_INVALID_ARG_VALUE);
  clSVMFree(other, theirs);
  clReleaseContext(other);
}

TEST_F(SvmKernels, ExecInfoIsChecked) {
  auto* values = allocate<cl_int>(16);
  cl_kernel add = kernel_of(kAdd, "add");
  void* const pointers[] = {values, values + 5};
  const auto info = [&](cl_kernel_exec_info name, std::size_t size, const void* value) {
    return clSetKernelExecInfo(add, name, size, value);
  };
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof pointers, pointers), CL_SUCCESS);
  EXPECT_EQ(clSetKernelExecInfo(nullptr, CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof pointers, pointers),
            CL_INVALID_KERNEL);
  if (!is_isobar_) return;  // PoCL 3.1 looks at nothing more
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof pointers, nullptr), CL_INVALID_VALUE);
  EXPECT_EQ(info(0x9999, sizeof pointers, pointers), CL_INVALID_VALUE);
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_PTRS, 0, nullptr), CL_SUCCESS) << "none, from now on";
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof pointers - 1, pointers), CL_INVALID_VALUE);
  const void* mine = &pointers;
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_PTRS, sizeof mine, &mine), CL_INVALID_VALUE);
  const cl_bool yes = CL_TRUE;
  const cl_bool no = CL_FALSE;
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, sizeof yes, &yes),
            CL_INVALID_OPERATION);
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, sizeof no, &no), CL_SUCCESS);
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, 1, &no), CL_INVALID_VALUE);
  EXPECT_EQ(info(CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM, sizeof no, nullptr), CL_INVALID_VALUE);
}

TEST_F(SvmKernels, AnAccessPastAnAllocationIsAFaultToTheByte) {
  if (!is_isobar_) GTEST_SKIP() << "others crash or go on";
  auto* bytes = allocate<cl_uchar>(101);
  cl_kernel f = kernel_of("kernel void f(global uchar* a, int n) { a[n] = 1; }", "f");
  EXPECT_EQ(clSetKernelArgSVMPointer(f, 0, bytes), CL_SUCCESS);
  set(f, 1, cl_int{100});
  EXPECT_EQ(launch(f, 1), CL_SUCCESS);
  EXPECT_EQ(clFinish(queue_), CL_SUCCESS);
  EXPECT_EQ(bytes[100], 1);
  set(f, 1, cl_int{101});
  const std::string text = fault_of(f, 1);
  EXPECT_NE(text.find("101 bytes past the start"), std::string::npos) << text;
}

TEST_F(SvmKernels, MemoryThatIsFreedIsAFaultAndNoCrash) {
  if (!is_isobar_) GTEST_SKIP() << "undefined elsewhere";
  auto* values = static_cast<cl_int*>(clSVMAlloc(context_, CL_MEM_READ_WRITE, 64, 0));
  cl_kernel add = kernel_of(kAdd, "add");
  EXPECT_EQ(clSetKernelArgSVMPointer(add, 0, values), CL_SUCCESS);
  set(add, 1, cl_int{1});
  cl_event gate = clCreateUserEvent(context_, nullptr);
  const std::size_t one = 16;
  EXPECT_EQ(clEnqueueNDRangeKernel(queue_, add, 1, nullptr, &one, nullptr, 1, &gate, nullptr),
            CL_SUCCESS);
  clSVMFree(context_, values);  // while the kernel waits
  testing::internal::CaptureStderr();
  clSetUserEventStatus(gate, CL_COMPLETE);
  EXPECT_EQ(clFinish(queue_), CL_OUT_OF_RESOURCES);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("kernel add"), std::string::npos) << text;
  EXPECT_NE(text.find("kernel.cl:1"), std::string::npos) << text;
  clReleaseEvent(gate);
  queue_ = make_queue();
  EXPECT_EQ(launch(add, 16), CL_INVALID_KERNEL_ARGS) << "and before it is enqueued, an error";
  EXPECT_EQ(values[3], 0) << "the host finds nothing there, and lives";
}

}  // namespace
}  // namespace isobar::opencl::test
