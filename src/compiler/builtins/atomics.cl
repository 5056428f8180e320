// Atomic functions: OpenCL C 1.x (atomic_add, atom_add, ...) and C11 style with memory orders and
// scopes. All scopes are alike: the machine keeps memory coherent over the whole device. What the
// A extension lacks (floats) is a compare-and-exchange loop.
// Reference: OpenCL C 3.0, sections 6.15.12 and 6.15.13; cl_ext_float_atomics.
#include "builtins.h"

// OpenCL 1.x: relaxed, any address space.
#define OLD(T, name, op)                                                     \
  ACT T atomic_##name(volatile T* p, T v) {                                  \
    return __c11_atomic_##op((volatile atomic_##T*)p, v, __ATOMIC_RELAXED);  \
  }                                                                          \
  ACT T atom_##name(volatile T* p, T v) {                                    \
    return __c11_atomic_##op((volatile atomic_##T*)p, v, __ATOMIC_RELAXED);  \
  }
#define OLD_ALL(T)                                                                     \
  OLD(T, add, fetch_add) OLD(T, sub, fetch_sub) OLD(T, xchg, exchange)                 \
  OLD(T, min, fetch_min) OLD(T, max, fetch_max) OLD(T, and, fetch_and)                 \
  OLD(T, or, fetch_or) OLD(T, xor, fetch_xor)                                          \
  ACT T atomic_inc(volatile T* p) { return atomic_add(p, (T)1); }                      \
  ACT T atomic_dec(volatile T* p) { return atomic_sub(p, (T)1); }                      \
  ACT T atom_inc(volatile T* p) { return atomic_add(p, (T)1); }                        \
  ACT T atom_dec(volatile T* p) { return atomic_sub(p, (T)1); }                        \
  ACT T atomic_cmpxchg(volatile T* p, T expected, T v) {                               \
    __c11_atomic_compare_exchange_strong((volatile atomic_##T*)p, &expected, v,        \
                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED);          \
    return expected;                                                                   \
  }                                                                                    \
  ACT T atom_cmpxchg(volatile T* p, T expected, T v) {                                 \
    return atomic_cmpxchg(p, expected, v);                                             \
  }
OLD_ALL(int) OLD_ALL(uint) OLD_ALL(long) OLD_ALL(ulong)
ACT float atomic_xchg(volatile float* p, float v) {
  return as_float(atomic_xchg((volatile uint*)p, as_uint(v)));
}

// C11 style. `order` is a constant nearly always, so the switches fold after inlining.
ACT void atomic_work_item_fence(cl_mem_fence_flags flags, memory_order order, memory_scope scope) {
  switch (order) {
    case memory_order_relaxed: return;
    case memory_order_acquire: __c11_atomic_thread_fence(__ATOMIC_ACQUIRE); return;
    case memory_order_release: __c11_atomic_thread_fence(__ATOMIC_RELEASE); return;
    case memory_order_acq_rel: __c11_atomic_thread_fence(__ATOMIC_ACQ_REL); return;
    default: __c11_atomic_thread_fence(__ATOMIC_SEQ_CST);
  }
}

// T the value, I the integer of its size that the machine works on, CAST and BACK between them.
#define ACCESS(T, I, A, CAST, BACK)                                                             \
  ACT void atomic_init(volatile A* p, T v) {                                                    \
    __c11_atomic_store((volatile atomic_##I*)p, CAST(v), __ATOMIC_RELAXED);                     \
  }                                                                                             \
  ACT void atomic_store_explicit(volatile A* p, T v, memory_order order, memory_scope scope) {  \
    volatile atomic_##I* q = (volatile atomic_##I*)p;                                           \
    switch (order) {                                                                            \
      case memory_order_relaxed: __c11_atomic_store(q, CAST(v), __ATOMIC_RELAXED); return;      \
      case memory_order_release: __c11_atomic_store(q, CAST(v), __ATOMIC_RELEASE); return;      \
      default: __c11_atomic_store(q, CAST(v), __ATOMIC_SEQ_CST);                                \
    }                                                                                           \
  }                                                                                             \
  ACT void atomic_store_explicit(volatile A* p, T v, memory_order order) {                      \
    atomic_store_explicit(p, v, order, memory_scope_device);                                    \
  }                                                                                             \
  ACT void atomic_store(volatile A* p, T v) {                                                   \
    atomic_store_explicit(p, v, memory_order_seq_cst, memory_scope_device);                     \
  }                                                                                             \
  ACT T atomic_load_explicit(volatile A* p, memory_order order, memory_scope scope) {           \
    volatile atomic_##I* q = (volatile atomic_##I*)p;                                           \
    switch (order) {                                                                            \
      case memory_order_relaxed: return BACK(__c11_atomic_load(q, __ATOMIC_RELAXED));           \
      case memory_order_acquire: return BACK(__c11_atomic_load(q, __ATOMIC_ACQUIRE));           \
      default: return BACK(__c11_atomic_load(q, __ATOMIC_SEQ_CST));                             \
    }                                                                                           \
  }                                                                                             \
  ACT T atomic_load_explicit(volatile A* p, memory_order order) {                               \
    return atomic_load_explicit(p, order, memory_scope_device);                                 \
  }                                                                                             \
  ACT T atomic_load(volatile A* p) {                                                            \
    return atomic_load_explicit(p, memory_order_seq_cst, memory_scope_device);                  \
  }                                                                                             \
  ACT T atomic_exchange_explicit(volatile A* p, T v, memory_order order, memory_scope scope) {  \
    volatile atomic_##I* q = (volatile atomic_##I*)p;                                           \
    switch (order) {                                                                            \
      case memory_order_relaxed:                                                                \
        return BACK(__c11_atomic_exchange(q, CAST(v), __ATOMIC_RELAXED));                       \
      case memory_order_acquire:                                                                \
        return BACK(__c11_atomic_exchange(q, CAST(v), __ATOMIC_ACQUIRE));                       \
      case memory_order_release:                                                                \
        return BACK(__c11_atomic_exchange(q, CAST(v), __ATOMIC_RELEASE));                       \
      default: return BACK(__c11_atomic_exchange(q, CAST(v), __ATOMIC_SEQ_CST));                \
    }                                                                                           \
  }                                                                                             \
  ACT T atomic_exchange_explicit(volatile A* p, T v, memory_order order) {                      \
    return atomic_exchange_explicit(p, v, order, memory_scope_device);                          \
  }                                                                                             \
  ACT T atomic_exchange(volatile A* p, T v) {                                                   \
    return atomic_exchange_explicit(p, v, memory_order_seq_cst, memory_scope_device);           \
  }                                                                                             \
  COMPARE(T, I, A, CAST, BACK, strong) COMPARE(T, I, A, CAST, BACK, weak)

#define COMPARE(T, I, A, CAST, BACK, kind)                                                    \
  ACT bool atomic_compare_exchange_##kind##_explicit(volatile A* p, T* expected, T v,         \
                                                     memory_order success,                    \
                                                     memory_order failure,                    \
                                                     memory_scope scope) {                    \
    volatile atomic_##I* q = (volatile atomic_##I*)p;                                         \
    I found = CAST(*expected);                                                                \
    bool done;                                                                                \
    if (success == memory_order_relaxed)                                                      \
      done = __c11_atomic_compare_exchange_##kind(q, &found, CAST(v), __ATOMIC_RELAXED,       \
                                                  __ATOMIC_RELAXED);                          \
    else if (success == memory_order_acquire)                                                 \
      done = __c11_atomic_compare_exchange_##kind(q, &found, CAST(v), __ATOMIC_ACQUIRE,       \
                                                  __ATOMIC_ACQUIRE);                          \
    else                                                                                      \
      done = __c11_atomic_compare_exchange_##kind(q, &found, CAST(v), __ATOMIC_SEQ_CST,       \
                                                  __ATOMIC_SEQ_CST);                          \
    if (!done) *expected = BACK(found);                                                       \
    return done;                                                                              \
  }                                                                                           \
  ACT bool atomic_compare_exchange_##kind##_explicit(volatile A* p, T* expected, T v,         \
                                                     memory_order success,                    \
                                                     memory_order failure) {                  \
    return atomic_compare_exchange_##kind##_explicit(p, expected, v, success, failure,        \
                                                     memory_scope_device);                    \
  }                                                                                           \
  ACT bool atomic_compare_exchange_##kind(volatile A* p, T* expected, T v) {                  \
    return atomic_compare_exchange_##kind##_explicit(p, expected, v, memory_order_seq_cst,    \
                                                     memory_order_seq_cst,                    \
                                                     memory_scope_device);                    \
  }
ACCESS(int, int, atomic_int, , )
ACCESS(uint, uint, atomic_uint, , )
ACCESS(long, long, atomic_long, , )
ACCESS(ulong, ulong, atomic_ulong, , )
ACCESS(float, uint, atomic_float, as_uint, as_float)
ACCESS(double, ulong, atomic_double, as_ulong, as_double)

// The two shorter forms of a read-modify-write, for every kind of operand.
#define SHORT_FORMS(T, A, V, name)                                                       \
  ACT T name##_explicit(volatile A* p, V v, memory_order order) {                        \
    return name##_explicit(p, v, order, memory_scope_device);                            \
  }                                                                                      \
  ACT T name(volatile A* p, V v) {                                                       \
    return name##_explicit(p, v, memory_order_seq_cst, memory_scope_device);             \
  }
#define MODIFY(T, A, V, name)                                                                  \
  ACT T atomic_##name##_explicit(volatile A* p, V v, memory_order order, memory_scope scope) { \
    switch (order) {                                                                           \
      case memory_order_relaxed: return __c11_atomic_##name(p, (T)v, __ATOMIC_RELAXED);        \
      case memory_order_acquire: return __c11_atomic_##name(p, (T)v, __ATOMIC_ACQUIRE);        \
      case memory_order_release: return __c11_atomic_##name(p, (T)v, __ATOMIC_RELEASE);        \
      case memory_order_acq_rel: return __c11_atomic_##name(p, (T)v, __ATOMIC_ACQ_REL);        \
      default: return __c11_atomic_##name(p, (T)v, __ATOMIC_SEQ_CST);                          \
    }                                                                                          \
  }                                                                                            \
  SHORT_FORMS(T, A, V, atomic_##name)
#define MODIFY_ALL(T, A, V)                                                   \
  MODIFY(T, A, V, fetch_add) MODIFY(T, A, V, fetch_sub) MODIFY(T, A, V, fetch_or)  \
  MODIFY(T, A, V, fetch_xor) MODIFY(T, A, V, fetch_and) MODIFY(T, A, V, fetch_min) \
  MODIFY(T, A, V, fetch_max)
MODIFY_ALL(int, atomic_int, int)
MODIFY_ALL(uint, atomic_uint, uint)
MODIFY_ALL(long, atomic_long, long)
MODIFY_ALL(ulong, atomic_ulong, ulong)
// atomic_uintptr_t with a ptrdiff_t, atomic_intptr_t with a uintptr_t.
MODIFY_ALL(ulong, atomic_ulong, long)
MODIFY_ALL(long, atomic_long, ulong)

// Floats: add and subtract round to nearest even, min and max are fmin and fmax.
#define FLOAT_MODIFY(T, I, A, name, result)                                                    \
  ACT T name##_explicit(volatile A* p, T v, memory_order order, memory_scope scope) {          \
    volatile atomic_##I* q = (volatile atomic_##I*)p;                                          \
    I old = __c11_atomic_load(q, __ATOMIC_RELAXED);                                            \
    if (order != memory_order_relaxed) __c11_atomic_thread_fence(__ATOMIC_SEQ_CST);            \
    for (;;) {                                                                                 \
      const T x = as_##T(old);                                                                 \
      if (__c11_atomic_compare_exchange_weak(q, &old, as_##I(result), __ATOMIC_RELAXED,        \
                                             __ATOMIC_RELAXED))                                \
        break;                                                                                 \
    }                                                                                          \
    if (order != memory_order_relaxed) __c11_atomic_thread_fence(__ATOMIC_SEQ_CST);            \
    return as_##T(old);                                                                        \
  }                                                                                            \
  SHORT_FORMS(T, A, T, name)
#define FLOAT_MODIFY_ALL(T, I, A, suffix)                                          \
  FLOAT_MODIFY(T, I, A, atomic_fetch_add, x + v)                                   \
  FLOAT_MODIFY(T, I, A, atomic_fetch_sub, x - v)                                   \
  FLOAT_MODIFY(T, I, A, atomic_fetch_min, __builtin_fmin##suffix(x, v))            \
  FLOAT_MODIFY(T, I, A, atomic_fetch_max, __builtin_fmax##suffix(x, v))
FLOAT_MODIFY_ALL(float, uint, atomic_float, f)
FLOAT_MODIFY_ALL(double, ulong, atomic_double, )

ACT bool atomic_flag_test_and_set_explicit(volatile atomic_flag* p, memory_order order,
                                           memory_scope scope) {
  return atomic_exchange_explicit((volatile atomic_int*)p, 1, order, scope) != 0;
}
ACT bool atomic_flag_test_and_set_explicit(volatile atomic_flag* p, memory_order order) {
  return atomic_flag_test_and_set_explicit(p, order, memory_scope_device);
}
ACT bool atomic_flag_test_and_set(volatile atomic_flag* p) {
  return atomic_flag_test_and_set_explicit(p, memory_order_seq_cst, memory_scope_device);
}
ACT void atomic_flag_clear_explicit(volatile atomic_flag* p, memory_order order,
                                    memory_scope scope) {
  atomic_store_explicit((volatile atomic_int*)p, 0, order, scope);
}
ACT void atomic_flag_clear_explicit(volatile atomic_flag* p, memory_order order) {
  atomic_flag_clear_explicit(p, order, memory_scope_device);
}
ACT void atomic_flag_clear(volatile atomic_flag* p) {
  atomic_flag_clear_explicit(p, memory_order_seq_cst, memory_scope_device);
}
