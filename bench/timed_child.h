// Measuring the timed machine on several chips. A process has one simulated chip, chosen before its
// first OpenCL call, so each measurement is a child process of its own with the chip, the fidelity
// and the number of host threads in its environment (device/settings.h).
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "bench/session.h"

namespace isobar::bench {

struct TimedSetup {
  std::filesystem::path chip;
  unsigned threads = 1;
};

/// What the chip's counters said about all launches of a measurement.
struct ChildTimes {
  double warp_instructions = 0;
  double cycles = 0;
  double seconds = 0;      // of the host's clock, inside launches
  double cpu_seconds = 0;  // of all host threads, inside launches
  [[nodiscard]] double per_second() const { return warp_instructions / seconds; }
  [[nodiscard]] double per_cpu_second() const { return warp_instructions / cpu_seconds; }
};

/// Prepares and enqueues work on the session's chip; only the result of the second call counts, so
/// that programs are compiled and host memory is mapped.
using TimedWork = std::function<std::function<void()>(Session& session)>;

/// Call before the first OpenCL function of this process. Throws UserError if the child fails.
[[nodiscard]] ChildTimes time_in_child(const TimedSetup& setup, const TimedWork& work);

}  // namespace isobar::bench
