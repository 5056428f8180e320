// The table through which the ICD loader calls us (cl_khr_icd). No entry is null: what the device
// cannot do answers with the standard's error code.
#include <tuple>

#include "opencl/api.h"

namespace isobar::opencl {
namespace {

/// Converts to a function of any type that returns the code, and hands it out through errcode_ret
/// where the call has one (always the last parameter).
template <cl_int code>
struct Refusal {
  template <class... Args>
  static void store_code(Args... args) {
    if constexpr (sizeof...(args) > 0) {
      const auto last = std::get<sizeof...(args) - 1>(std::tuple(args...));
      if constexpr (std::is_same_v<decltype(last), cl_int* const>)
        if (last != nullptr) *last = code;
    }
  }
  template <class Result, class... Args>
  static Result CL_API_CALL call(Args... args) {
    if constexpr (std::is_same_v<Result, cl_int>) {
      return code;
    } else {
      store_code(args...);
      return Result();
    }
  }
  static cl_int CL_API_CALL call_unknown() { return code; }

  template <class Result, class... Args>
  using Function = Result(CL_API_CALL*)(Args...);
  template <class Result, class... Args>
  operator Function<Result, Args...>() const {  // NOLINT(google-explicit-constructor)
    return &call<Result, Args...>;
  }
  operator void*() const {  // NOLINT(google-explicit-constructor): entries for Windows alone
    return reinterpret_cast<void*>(&call_unknown);
  }
};

}  // namespace

cl_icd_dispatch dispatch_table = {
#define IMPLEMENTED(name) .name = api::name,
#define REFUSED(name, code) .name = Refusal<code>(),
#include "opencl/entry_points.def"
#undef IMPLEMENTED
#undef REFUSED
};

}  // namespace isobar::opencl
