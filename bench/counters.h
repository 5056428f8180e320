// What benchmarks make of the simulated chip's counters.
#pragma once

#include <optional>

#include "nn/device_counters.h"

namespace isobar::bench {

/// Summed over all kernels since the last reset; nothing if the device has no counters.
[[nodiscard]] std::optional<cl_isobar_counters> total_of(const nn::DeviceCounters& counters,
                                                         const cl::Context& context);
[[nodiscard]] double thread_instructions(const cl_isobar_counters& counters);
/// Active lanes per existing lane of the issued warp instructions, 0..1.
[[nodiscard]] double simd_efficiency(const cl_isobar_counters& counters);

}  // namespace isobar::bench
