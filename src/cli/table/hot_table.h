// The hot lines of a program's kernels: its OpenCL C annotated with shares of the kernel's issue
// slots and the main causes, and below each line the RISC-V instructions that took most of it.
#pragma once

#include <string>

#include "device/views/profile_file.h"

namespace isobar::cli {

/// Of the kernels that took most of the time; begins with an empty line. Empty if no launch was
/// timed.
[[nodiscard]] std::string hot_table(const device::Profile& profile);

}  // namespace isobar::cli
