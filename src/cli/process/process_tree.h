// The processes that a process started, and those that they started, as /proc tells.
#pragma once

#include <sys/types.h>

#include <vector>

namespace isobar::cli {

/// Without `root` itself, parents first. Empty where there is no /proc.
[[nodiscard]] std::vector<pid_t> descendants_of(pid_t root);

}  // namespace isobar::cli
