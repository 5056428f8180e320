// A stack that is too small ends programs in a signal before their first line; said by name here.
#pragma once

#include <sys/resource.h>

#include "base/error.h"

namespace isobar::cli {

/// Throws UserError where `ulimit -s` leaves less than interpreters, the compiler and our own
/// threads need (python3 3.11 dies of 64 KiB; all of them run with 128).
inline void check_stack_limit() {
  constexpr rlim_t kLeast = 256U << 10U;
  rlimit limit{};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kLeast) return;
  fail(
      "a stack may have {} KiB only, which ends most programs in a signal (raise `ulimit -s` to {} "
      "or more)",
      limit.rlim_cur >> 10U, kLeast >> 10U);
}

}  // namespace isobar::cli
