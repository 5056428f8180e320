// What the OpenCL library is told from outside. An OpenCL program has no option for the chip that
// it runs on, so `isobar run`, `isobar train` and the tests say it through the environment. These
// variables are an internal detail between those commands and the library, and this is their list:
//
//   ISOBAR_CHIP               name or path of a chip file                  (default isobar-nano)
//   ISOBAR_THREADS            host threads that simulate                   (default: all)
//   ISOBAR_TIME_LIMIT         seconds of host time that one launch may take (default: no limit)
//   ISOBAR_INSTRUCTION_LIMIT  warp instructions per work-group             (default: no limit)
//   ISOBAR_FIDELITY           functional, sampled or timed               (default: functional)
//   ISOBAR_TRACE_FILE         where to write a timeline (trace_file.h)       (default: nowhere)
//   ISOBAR_TRACE_LIMIT        its largest size in bytes
//   ISOBAR_TROUBLE_FILE       where to note what could not be written (trouble.h)
//   ISOBAR_PROFILE_DIRECTORY  a folder; each process writes <pid>.json there (profile_file.h)
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace isobar::device {

inline constexpr char kChipVariable[] = "ISOBAR_CHIP";
inline constexpr char kThreadsVariable[] = "ISOBAR_THREADS";
inline constexpr char kTimeLimitVariable[] = "ISOBAR_TIME_LIMIT";
inline constexpr char kInstructionLimitVariable[] = "ISOBAR_INSTRUCTION_LIMIT";
inline constexpr char kFidelityVariable[] = "ISOBAR_FIDELITY";
inline constexpr char kProfileDirectoryVariable[] = "ISOBAR_PROFILE_DIRECTORY";
inline constexpr char kTraceFileVariable[] = "ISOBAR_TRACE_FILE";
inline constexpr char kTroubleFileVariable[] = "ISOBAR_TROUBLE_FILE";
inline constexpr char kTraceLimitVariable[] = "ISOBAR_TRACE_LIMIT";
/// In the profile folder: appears there to end the launch that runs (launch_watch.h).
inline constexpr char kEndLaunchFile[] = "end-launch";
inline constexpr char kDefaultChip[] = "isobar-nano";

/// Where a launch's simulated time comes from. What it computes is the same in all three.
enum class Fidelity : std::uint8_t {
  kFunctional,  // a first-order estimate from its counts
  kSampled,     // some launches on the timed machine, the others extrapolated from those
  kTimed        // every launch on the timed machine
};
[[nodiscard]] std::string_view name(Fidelity fidelity);
[[nodiscard]] std::optional<Fidelity> fidelity_from(std::string_view name);

inline constexpr Bytes kDefaultTraceLimit = 64_MiB;
inline constexpr Bytes kLeastTraceLimit = 4_KiB;

struct Settings {
  std::string chip = kDefaultChip;
  Fidelity fidelity = Fidelity::kFunctional;
  unsigned threads = 1;
  double time_limit_seconds = 0;        // 0: none
  std::uint64_t instruction_limit = 0;  // 0: none
  std::filesystem::path profile_directory;
  std::filesystem::path trace_file;  // empty: none
  Bytes trace_limit = kDefaultTraceLimit;
};

/// Reads the environment. Throws UserError naming the variable for a value that is not a number or
/// out of range.
[[nodiscard]] Settings settings_from_environment();

}  // namespace isobar::device
