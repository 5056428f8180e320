// A client on a simulated chip, and what the chip said of its kernels. A process simulates one
// chip, chosen before its first OpenCL call; so a suite that compares chips runs the program that
// it is again, as the guest of `isobar run`, and reads the profile
// (src/device/views/profile_file.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace isobar::bench {

struct TimedKernel {
  std::string name;
  std::uint64_t launches = 0;
  std::uint64_t timed_launches = 0;  // of these, cycle by cycle
  std::uint64_t cycles = 0;          // all launches, launch latency included
  std::uint64_t warp_instructions = 0;
  double flops = 0;
  double seconds = 0;  // simulated
  double host_seconds = 0, host_cpu_seconds = 0;
  double margin_seconds = 0;  // of `seconds`, as the simulator says
  std::uint64_t work_groups = 0, timed_work_groups = 0;
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;
  double joules = 0;           // 0: the chip describes no energy
  std::uint64_t capacity = 0;  // lane-slots
  std::int64_t unattributed = 0;
  std::map<std::string, double> shares;  // of the capacity, by "group/cause"; zeros left out

  [[nodiscard]] double ipc() const {
    return cycles == 0 ? 0 : static_cast<double>(warp_instructions) / static_cast<double>(cycles);
  }
  [[nodiscard]] double share(const std::string& path) const {
    const auto found = shares.find(path);
    return found == shares.end() ? 0 : found->second;
  }
  /// The largest share that is not an issued instruction, as "dram queue 31 %".
  [[nodiscard]] std::string largest_stall() const;
};

struct TimedRun {
  std::string chip;
  std::string fidelity = "timed";
  std::string client;  // of suite_timing.h
  std::string what;    // its --only
  unsigned threads = 1;
};

/// Throws UserError with what the client printed if it fails.
[[nodiscard]] std::vector<TimedKernel> run_timed(const TimedRun& run);

}  // namespace isobar::bench
