// A fault of a guest program as a person wants to read it: what happened, in which kernel and
// work-item, at which instruction and at which line of the OpenCL C source.
#pragma once

#include <string>

#include "device/launch_watch.h"
#include "device/loaded_program.h"
#include "simt/launch.h"

namespace isobar::device {

/// Several lines, each ending in a newline. `ending`: for a launch that did not end by itself.
[[nodiscard]] std::string diagnose(const simt::Fault& fault, const LoadedProgram& program,
                                   const std::string& kernel, const LaunchEnding& ending = {});

}  // namespace isobar::device
