// What the kernels of a program did, as a table for a person.
#pragma once

#include <string>

#include "device/profile_file.h"

namespace isobar::cli {

/// One line a kernel, in order of first launch: launches, instructions, SIMD efficiency, bytes at
/// each memory level, simulated time and its share; then the instructions by class. With
/// `detailed`, also the parts of the time.
[[nodiscard]] std::string kernel_table(const device::Profile& profile, bool detailed);

}  // namespace isobar::cli
