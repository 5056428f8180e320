// How `isobar run` learns what a program's kernels did: the library, living in the program's
// process, writes its sums to <ISOBAR_PROFILE_DIRECTORY>/<pid>.json, and `isobar run` merges the
// files of all processes. One format, both directions, in this file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/views/kernel_stats.h"
#include "ledger/ledger.h"
#include "ledger/roofline.h"

namespace isobar::device {

/// A launch that had not ended when the file was written.
struct RunningLaunch {
  std::string kernel;
  std::uint64_t since_nanoseconds = 0;  // on the host's monotonic clock, which processes share
};

struct Profile {
  std::string chip;
  std::vector<KernelSums::Row> kernels;
  std::vector<std::string> faults;  // their diagnoses
  ledger::Roofs roofs{};
  std::uint32_t lanes = 0;        // of a warp; 0: no launch was timed
  bool describes_energy = false;  // the chip's file
  std::vector<RunningLaunch> running;

  /// Adds another process's profile.
  void merge(const Profile& other);
};

/// The tree of a kernel's time: lane-slots of the timed machine, or, in picoseconds, the parts of
/// the first-order model.
[[nodiscard]] ledger::Ledger ledger_of(const KernelStats& stats);

/// What the roofline needs to know about a kernel.
[[nodiscard]] ledger::RooflinePoint roofline_point(const KernelSums::Row& row);

[[nodiscard]] std::string profile_to_json(const Profile& profile);
/// Throws UserError on anything malformed.
[[nodiscard]] Profile profile_from_json(const std::string& text, const std::string& origin);
/// All *.json files of a folder, merged in the order of their names.
[[nodiscard]] Profile read_profiles(const std::filesystem::path& folder);

/// Names of the instruction classes, in the order of isa::CostClass.
[[nodiscard]] const std::vector<std::string>& class_names();

}  // namespace isobar::device
