// Which OpenCL device a command works on: the simulated chip unless --device names another.
#pragma once

#include <string>

#include "nn/device.h"

namespace isobar::cli {

/// Call before the first OpenCL function. `pattern` as nn::choose_device takes it; empty means the
/// Isobar device, and it is an error if there is none. `chip` (a name or a file; may be empty)
/// chooses what that one simulates, `fidelity` where its time comes from. Throws UserError.
[[nodiscard]] nn::DeviceInfo open_device(const std::string& pattern, const std::string& chip,
                                         const std::string& fidelity);

/// The chip of the Isobar device as open_device set it, by name or as an absolute path.
[[nodiscard]] std::string chosen_chip();

/// Runs `work`; an error of the OpenCL driver is printed with its name and becomes an exit code.
template <class Work>
[[nodiscard]] int with_opencl_errors(const Work& work);

/// The exit code for it, having printed what it means.
[[nodiscard]] int report_opencl_error(const cl::Error& error);

template <class Work>
int with_opencl_errors(const Work& work) {
  try {
    return work();
  } catch (const cl::Error& error) {
    return report_opencl_error(error);
  }
}

}  // namespace isobar::cli
