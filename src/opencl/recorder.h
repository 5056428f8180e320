// The sums over all contexts of the process, for `isobar run`: written to the profile folder when
// the process ends, when a kernel faults, and now and then, so that a killed program leaves them.
#pragma once

#include <string>

#include "device/kernel_stats.h"

namespace isobar::opencl {

/// Does nothing when there is no profile folder (device/settings.h).
void record_launch(const std::string& kernel, const device::KernelStats& stats);
void record_fault(const std::string& diagnosis);

}  // namespace isobar::opencl
