#include "train/device_meter.h"

#include <algorithm>

namespace isobar::train {

std::vector<cl_isobar_kernel_row> Stretch::rows() const {
  std::vector<cl_isobar_kernel_row> rows;
  rows.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) rows.push_back({names[i].c_str(), counters[i]});
  return rows;
}

DeviceMeter::DeviceMeter(nn::ClContext& cl) : cl_(cl), counters_(cl.device().handle) {}

std::optional<std::uint64_t> DeviceMeter::now() {
  if (counters_.exist()) {
    cl_.queue().finish();
    return counters_.picoseconds();
  }
  try {
    cl::Event marker;
    cl_.queue().enqueueMarkerWithWaitList(nullptr, &marker);
    marker.wait();
    return marker.getProfilingInfo<CL_PROFILING_COMMAND_END>() * 1000;
  } catch (const cl::Error& error) {
    // Not every driver times its markers; a failed queue is another matter.
    if (error.err() == CL_PROFILING_INFO_NOT_AVAILABLE) return std::nullopt;
    throw;
  }
}

void DeviceMeter::begin() {
  if (running_) return;
  cl_.queue().finish();
  counters_.reset(cl_.context());
  start_ = last_ = now();
  running_ = true;
}

std::optional<double> DeviceMeter::lap() {
  const std::optional<std::uint64_t> before = last_;
  last_ = now();
  if (!before || !last_ || *last_ < *before) return std::nullopt;
  return static_cast<double>(*last_ - *before) * 1e-9;
}

void DeviceMeter::end() {
  if (!running_) return;
  running_ = false;
  const std::optional<std::uint64_t> last = now();
  if (start_ && last && *last > *start_) total_.device_picoseconds += *last - *start_;
  add_counters();
}

void DeviceMeter::restart_timing() {
  cl_.queue().finish();
  counters_.restart_timing();
}

/// Adds the context's counters to the total.
void DeviceMeter::add_counters() {
  for (const cl_isobar_kernel_row& row : counters_.rows(cl_.context())) {
    const auto known = std::ranges::find(total_.names, row.kernel_name);
    const auto index = static_cast<std::size_t>(known - total_.names.begin());
    if (known == total_.names.end()) {
      total_.names.emplace_back(row.kernel_name);
      total_.counters.push_back({});
    }
    nn::add(total_.counters[index], row.counters);
  }
}

}  // namespace isobar::train
