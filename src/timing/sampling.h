// Which launches, and which of their work-groups, the timed machine runs when it cannot run them
// all, and what the others are said to have taken.
//
// Launches are alike when kernel, sizes, local memory and integer arguments agree, and those of the
// launch before too: it decides what the caches hold. A training step repeats a few hundred of such
// pairs. They are timed in windows of consecutive launches, so that each finds the machine as the
// one before left it: from the first launch on until nothing new has come for a quarter of the time
// before, again behind any later novelty, and every 64 times as many launches once more for as
// long as a check takes. Samples count as warm once the window's launches have moved as many bytes
// to and from DRAM as the L2 holds. Every other launch gets the mean of its kind's samples, scaled
// to the instructions it executed.
//
// Of a launch with many more work-groups than the chip holds at once, three blocks are timed, four
// chip-fulls each, from the beginning, the middle and the end of the grid.
//
// Everything is decided by counting, nothing by host time: the same program gives the same cycles.
// This is sampled simulation with fixed periods and warming before each sample as in SMARTS
// (Wunderlich et al., ISCA 2003), with launches and work-groups as sampling units.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "chip/chip.h"
#include "simt/launch.h"
#include "timing/cycle_totals.h"

namespace isobar::timing {

/// What makes two launches alike.
struct LaunchShape {
  std::uint32_t program = 0;
  std::uint64_t entry = 0;
  std::array<std::uint64_t, 3> global_size{}, local_size{};
  Bytes local_memory;
  std::vector<std::uint64_t> integers;  // arguments

  friend auto operator<=>(const LaunchShape&, const LaunchShape&) = default;
};

/// Blocks of work-groups that stand for the launch, or nothing: time them all.
[[nodiscard]] std::vector<simt::GroupRange> representative_groups(const chip::Chip& chip,
                                                                  const simt::LaunchConfig& config);
/// What `selection` leaves out of a launch's groups.
[[nodiscard]] std::vector<simt::GroupRange> other_groups(
    std::span<const simt::GroupRange> selection, std::uint64_t groups);

/// An extrapolated launch, and how far its cycles may be off: twice the standard error of the
/// samples' mean, or of all shapes' spread where a shape has one sample only.
struct Estimate {
  CycleTotals totals;
  double margin_cycles = 0;
};

class LaunchSampler {
 public:
  /// `cache`: what the last level of caches holds, and so has to be moved until it is warm.
  explicit LaunchSampler(Bytes cache) : cache_(cache) {}
  /// Called for every launch, in order: whether the timed machine is to run it.
  [[nodiscard]] bool wants(const LaunchShape& shape);
  /// What the launch that wants() was last asked about took, when it was timed.
  void add_sample(const CycleTotals& totals);
  /// What it took when it was not: scaled to the instructions it executed. Nothing while no launch
  /// of its kind has been timed.
  [[nodiscard]] std::optional<Estimate> estimate(std::uint64_t warp_instructions) const;

 private:
  /// A launch of one shape behind one of another.
  struct Kind {
    std::vector<CycleTotals> warm, cold;
    [[nodiscard]] const std::vector<CycleTotals>& samples() const {
      return warm.empty() ? cold : warm;
    }
  };
  [[nodiscard]] std::uint32_t identify(const LaunchShape& shape);
  [[nodiscard]] double relative_spread() const;

  Bytes cache_;
  std::map<LaunchShape, std::uint32_t> shapes_;    // their numbers
  std::map<LaunchShape, std::uint32_t> families_;  // shapes that differ in integers only
  std::map<std::pair<std::uint32_t, std::uint32_t>, Kind> kinds_;
  Kind* current_ = nullptr;
  std::uint32_t previous_ = 0;    // shape; numbers begin at 1
  std::uint64_t launches_ = 0;    // asked about so far
  std::uint64_t next_check_ = 0;  // launch; 0: the first window is still open
  // The window: the launch it began at, the one it stays open to, what it moved so far.
  bool timing_ = false;
  std::uint64_t window_begin_ = 0, window_end_ = 0;
  std::uint64_t check_length_ = 0;
  Bytes moved_;
};

}  // namespace isobar::timing
