// Barriers, fences, prefetch and the asynchronous copies between global and local memory.
// A barrier orders the memory of the whole work-group. A copy is shared out over the work-group at
// once and waited for with a barrier, which is what an implementation without a copy engine may do.
// Reference: OpenCL C 3.0, sections 6.15.8, 6.15.9, 6.15.11.
#include "builtins.h"
size_t FN get_local_linear_id(void);
size_t FN get_local_size(uint);

ACT void isobar_barrier(void) { __asm volatile(".insn r 0x0b, 0, 0, x0, x0, x0" ::: "memory"); }

ACT void barrier(cl_mem_fence_flags flags) { isobar_barrier(); }
ACT void work_group_barrier(cl_mem_fence_flags flags) { isobar_barrier(); }
ACT void work_group_barrier(cl_mem_fence_flags flags, memory_scope scope) {
  if (scope == memory_scope_device || scope == memory_scope_all_svm_devices)
    __c11_atomic_thread_fence(__ATOMIC_SEQ_CST);
  isobar_barrier();
}
// The harts of a warp share one fetch and one path to memory: ordering the accesses is enough.
ACT void sub_group_barrier(cl_mem_fence_flags flags) { __asm volatile("" ::: "memory"); }
ACT void sub_group_barrier(cl_mem_fence_flags flags, memory_scope scope) {
  __asm volatile("" ::: "memory");
}

ACT void mem_fence(cl_mem_fence_flags flags) { __c11_atomic_thread_fence(__ATOMIC_ACQ_REL); }
ACT void read_mem_fence(cl_mem_fence_flags flags) { __c11_atomic_thread_fence(__ATOMIC_ACQUIRE); }
ACT void write_mem_fence(cl_mem_fence_flags flags) { __c11_atomic_thread_fence(__ATOMIC_RELEASE); }

// Which memory a generic pointer means follows from the address map (isa/guest_abi.h).
FN cl_mem_fence_flags get_fence(const void* pointer) {
  const ulong address = (ulong)pointer;
  if (address >= 0x40000000ul && address < 0x50000000ul) return CLK_LOCAL_MEM_FENCE;
  if (address >= 0x50000000ul && address < 0x60000000ul) return 0;
  return CLK_GLOBAL_MEM_FENCE;
}
FN cl_mem_fence_flags get_fence(void* pointer) { return get_fence((const void*)pointer); }
__attribute__((always_inline, const)) __global void* __to_global(void* pointer) {
  return get_fence(pointer) == CLK_GLOBAL_MEM_FENCE ? (__global void*)(ulong)pointer : 0;
}
__attribute__((always_inline, const)) __local void* __to_local(void* pointer) {
  return get_fence(pointer) == CLK_LOCAL_MEM_FENCE ? (__local void*)(ulong)pointer : 0;
}
__attribute__((always_inline, const)) __private void* __to_private(void* pointer) {
  return get_fence(pointer) == 0 ? (__private void*)(ulong)pointer : 0;
}

ACT ulong isobar_group_size(void) {
  return get_local_size(0) * get_local_size(1) * get_local_size(2);
}

// Both directions of a copy have the same name after retargeting, which is why only one is here.
// The stride is the global side's; the address tells which side that is.
#define COPY(T)                                                                              \
  ACT event_t async_work_group_copy(__local T* to, const __global T* from, size_t count,     \
                                    event_t event) {                                         \
    for (size_t i = get_local_linear_id(), step = isobar_group_size(); i < count; i += step) \
      to[i] = from[i];                                                                       \
    return event;                                                                            \
  }                                                                                          \
  ACT event_t async_work_group_strided_copy(__local T* to, const __global T* from,           \
                                            size_t count, size_t stride, event_t event) {    \
    const bool gather = get_fence((const void*)to) == CLK_LOCAL_MEM_FENCE;  \
    const size_t to_stride = gather ? 1 : stride, from_stride = gather ? stride : 1;         \
    for (size_t i = get_local_linear_id(), step = isobar_group_size(); i < count; i += step) \
      to[i * to_stride] = from[i * from_stride];                                             \
    return event;                                                                            \
  }                                                                                          \
  ACT void prefetch(const __global T* from, size_t count) {}
#define COPY_ALL(T) COPY(T) COPY(T##2) COPY(T##3) COPY(T##4) COPY(T##8) COPY(T##16)
COPY_ALL(char) COPY_ALL(uchar) COPY_ALL(short) COPY_ALL(ushort) COPY_ALL(int) COPY_ALL(uint)
COPY_ALL(long) COPY_ALL(ulong) COPY_ALL(float) COPY_ALL(double) COPY_ALL(half)

ACT void wait_group_events(int count, event_t* events) { isobar_barrier(); }
