// The sums over all contexts of the process, for `isobar run`: written to the profile folder when
// the process ends, when a kernel faults, and now and then, so that a killed program leaves them.
#pragma once

#include <string>

#include "device/device.h"

namespace isobar::opencl {

/// Does nothing when there is no profile folder (device/settings.h).
/// `source`: the program's text, where there is one.
void record_launch(const device::LaunchRequest& request, const device::LaunchOutcome& outcome,
                   const std::string& source);
void record_fault(const std::string& diagnosis);

}  // namespace isobar::opencl
