// What all OpenCL objects share: the dispatch pointer that the loader reads, two reference counts,
// and a register of live handles.
//
// A handle that a program passes in is looked up before it is read, so a wrong or released one gets
// CL_INVALID_<OBJECT> and not a crash. The loader, though, reads the dispatch pointer of whatever
// it is given (and PyOpenCL 2022.3 releases the program of a failed link twice), so the memory of
// ended objects keeps that pointer, and is not used again, for a while. The program's references
// (clRetain, clRelease, what info queries report) are counted apart from our own (a queue keeps its
// context); an object ends with the last of both.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "opencl/api.h"
#include "opencl/error.h"

namespace isobar::opencl {

enum class Kind : std::uint8_t {
  kPlatform,
  kDevice,
  kContext,
  kQueue,
  kMemory,
  kProgram,
  kKernel,
  kEvent
};

void register_handle(const void* handle, Kind kind);
void forget_handle(const void* handle);
[[nodiscard]] bool is_live(const void* handle, Kind kind);

struct Object {
  // First: the loader calls through it.
  const cl_icd_dispatch* dispatch = &dispatch_table;
  std::atomic<cl_uint> program_references{1};
  std::atomic<cl_uint> all_references{1};
};

/// The object behind a handle; throws the kind's CL_INVALID_... code if it is not one.
template <class T>
T& valid(T* handle) {
  if (handle == nullptr || !is_live(handle, T::kKind)) throw ApiError{T::kInvalid};
  return *handle;
}

/// Frees the memory of an ended object once a thousand others have ended.
void bury(Object* remains);

template <class T>
void drop(T& object) {
  static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "bury() frees plain memory");
  if (object.all_references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  forget_handle(&object);
  object.~T();
  bury(::new (static_cast<void*>(&object)) Object);
}

/// A reference of our own.
template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T& object) : object_(&object) {
    object.all_references.fetch_add(1, std::memory_order_relaxed);
  }
  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) object_->all_references.fetch_add(1, std::memory_order_relaxed);
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) drop(*object_);
  }
  [[nodiscard]] T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

/// Makes an object with one reference, the program's, and registers its handle.
template <class T, class... Args>
T* make(Args&&... args) {
  T* object = new T{std::forward<Args>(args)...};
  register_handle(object, T::kKind);
  return object;
}

template <class T>
cl_int retain(T* handle) {
  return guarded([&] {
    T& object = valid(handle);
    object.program_references.fetch_add(1, std::memory_order_relaxed);
    object.all_references.fetch_add(1, std::memory_order_relaxed);
  });
}

/// Releasing more often than retaining is refused while someone of us still holds the object.
template <class T>
cl_int release(T* handle) {
  return guarded([&] {
    T& object = valid(handle);
    cl_uint count = object.program_references.load();
    do require(count > 0, T::kInvalid);
    while (!object.program_references.compare_exchange_weak(count, count - 1));
    drop(object);
  });
}

}  // namespace isobar::opencl
