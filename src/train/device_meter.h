// What the device itself says of the run: its time, from the profiling of markers in the queue, or
// to the picosecond and with counters from the Isobar extension where there is one
// (include/isobar/cl_isobar.h). Measured are the stretches of training between evaluations and
// checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nn/device.h"
#include "nn/device_counters.h"

namespace isobar::train {

/// All stretches together.
struct Stretch {
  std::vector<std::string> names;            // of kernels, in order of first launch
  std::vector<cl_isobar_counters> counters;  // one for each name
  std::uint64_t device_picoseconds = 0;      // first command's start to last one's end
  /// As the ledger takes them; valid while this object lives.
  [[nodiscard]] std::vector<cl_isobar_kernel_row> rows() const;
};

class DeviceMeter {
 public:
  explicit DeviceMeter(nn::ClContext& cl);

  /// Waits for the queue and starts a stretch, unless one runs.
  void begin();
  /// Milliseconds of device time since begin() or the last lap; nothing if the device has no clock.
  /// Call it when the queue is empty.
  [[nodiscard]] std::optional<double> lap();
  /// Ends the stretch, if one runs, and adds it to the total. Call it when the queue is empty.
  void end();
  /// The device forgets what only its timing knows, so that what the steps from here on take does
  /// not depend on those before: a run that goes on from here in another process measures the same.
  /// Call it between stretches.
  void restart_timing();
  /// The total of earlier sessions, to be added to.
  void go_on_from(Stretch total) { total_ = std::move(total); }

  /// The Isobar device counts; others do not.
  [[nodiscard]] bool has_counters() const { return counters_.exist(); }
  [[nodiscard]] const std::optional<cl_isobar_chip>& chip() const { return counters_.chip(); }
  [[nodiscard]] const Stretch& total() const { return total_; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> now();  // picoseconds on the device's clock
  void add_counters();

  nn::ClContext& cl_;
  const nn::DeviceCounters counters_;
  bool running_ = false;
  std::optional<std::uint64_t> start_, last_;
  Stretch total_;
};

}  // namespace isobar::train
