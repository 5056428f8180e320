// How a call fails inside this library: a thrown code, turned into the call's answer at its edge.
// Nothing ever leaves an entry point by exception.
#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "opencl/cl_headers.h"

namespace isobar::opencl {

struct ApiError {
  cl_int code;
};

inline void require(bool condition, cl_int code) {
  if (!condition) throw ApiError{code};
}

/// Runs a call's body, which throws ApiError to fail.
template <class Body>
cl_int guarded(Body&& body) noexcept {
  try {
    body();
    return CL_SUCCESS;
  } catch (const ApiError& error) {
    return error.code;
  } catch (const std::bad_alloc&) {
    return CL_OUT_OF_HOST_MEMORY;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isobar: %s\n", error.what());
    return CL_OUT_OF_RESOURCES;
  }
}

/// The same for a call that returns an object and stores its code.
template <class Body>
auto creating(cl_int* errcode_ret, Body&& body) noexcept -> decltype(body()) {
  decltype(body()) result = nullptr;
  const cl_int code = guarded([&] { result = body(); });
  if (errcode_ret != nullptr) *errcode_ret = code;
  return result;
}

}  // namespace isobar::opencl
