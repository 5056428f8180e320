// The simulated accelerator as a driver sees it: memory, a clock, and launches. One Device is one
// chip; it runs one launch at a time, as its command processor would, on a number of host threads.
// What it does not model: a host link (transfers run at the chip's own memory speed) and kernels
// that overlap.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chip/chip.h"
#include "device/launch_watch.h"
#include "device/loaded_program.h"
#include "device/settings.h"
#include "device/simulation.h"
#include "device/views/kernel_stats.h"
#include "device/views/trace_file.h"
#include "simt/memory/global_memory.h"

namespace isobar::device {

inline constexpr Bytes kPrintfBufferBytes = 1_MiB;

/// One kernel argument as set by the host: raw bytes of a value, the address of a buffer, or the
/// size of a local array. Which one is the kernel's metadata's to say.
struct ArgumentValue {
  std::vector<std::byte> bytes;  // kValue
  DeviceAddress address;         // kPointer
  Bytes local_size;              // kLocalPointer
};

struct LaunchRequest {
  const LoadedProgram* program = nullptr;
  const elf::KernelInfo* kernel = nullptr;
  std::uint32_t work_dim = 1;
  std::array<std::uint64_t, 3> global_offset{0, 0, 0};
  std::array<std::uint64_t, 3> global_size{1, 1, 1};
  std::array<std::uint64_t, 3> local_size{1, 1, 1};
  std::vector<ArgumentValue> arguments;    // one for each of the kernel's
  Bytes footprint;                         // of all buffers given
  std::vector<timing::BufferUse> buffers;  // as arguments, in their order
};

/// When a command ran, on the simulated clock.
struct Interval {
  Picoseconds start, end;
};

struct LaunchOutcome {
  KernelStats stats;
  Interval when;
  std::optional<timing::LaunchTimes> timed;  // by instruction, where the timed machine ran it
  std::string diagnosis;                     // empty when the kernel ended well
  std::string printf_text;                   // for the host's standard output
};

/// Local memory of a launch: the kernel's variables, then each local argument, aligned for any
/// type.
[[nodiscard]] Bytes local_memory_needed(const elf::KernelInfo& kernel,
                                        std::span<const ArgumentValue> arguments);

class Device {
 public:
  /// Throws UserError if the chip cannot be simulated.
  Device(chip::Chip chip, Settings settings);

  [[nodiscard]] const chip::Chip& chip() const { return chip_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] simt::GlobalMemory& memory() { return memory_; }

  [[nodiscard]] Picoseconds now() const;
  /// Moves the clock by what moving so many bytes to or from DRAM takes.
  Interval charge_transfer(Bytes moved);
  [[nodiscard]] LaunchOutcome launch(const LaunchRequest& request);
  [[nodiscard]] LaunchWatch& watch() { return watch_; }
  /// Forgets what only timing knows: caches, samples. From here on launches take what they would on
  /// a device just made, but the clock goes on.
  void restart_timing();

 private:
  SimulatedLaunch run(const LaunchRequest& request);
  Interval advance(Picoseconds duration);
  void prepare_printf();
  std::string collect_printf(const LoadedProgram& program);

  chip::Chip chip_;
  Settings settings_;
  simt::GlobalMemory memory_;
  std::mutex launching_;
  mutable std::mutex clock_mutex_;
  Picoseconds clock_;
  std::unique_ptr<TraceFile> trace_;  // if one was asked for
  std::unique_ptr<Simulation> simulation_;
  Picoseconds restarted_;  // when its timing began
  std::optional<DeviceAddress> printf_buffer_;
  LaunchWatch watch_;
};

}  // namespace isobar::device
