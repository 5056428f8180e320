// The sums over all contexts of the process, for `isobar run`: written to the profile folder when
// the process ends, when a kernel faults, and now and then, so that a killed program leaves them,
// what it was at included.
#pragma once

#include <string>

#include "device/device.h"

namespace isobar::opencl {

/// All of them do nothing when there is no profile folder (device/settings.h).
/// Before a launch: one that hangs is recorded while it runs.
void record_begin();
void record_launch(const device::LaunchRequest& request, const device::LaunchOutcome& outcome);
void record_fault(const std::string& diagnosis);

}  // namespace isobar::opencl
