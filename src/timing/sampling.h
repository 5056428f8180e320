// Which launches, and which of their work-groups, the timed machine runs when it cannot run them
// all, and what the others are said to have taken.
//
// Launches are alike when kernel, sizes, local memory and integer arguments agree: the layers and
// the steps of a training run repeat a few dozen of such shapes. Each shape is timed where it
// first occurs until two samples agree with a warm machine (the launch before was timed too, so
// that caches hold what they would hold), and again at occurrences that lie eight times further
// apart each time. A launch whose usual successor is due for such a check is timed along, to warm
// the caches for it. Every other launch gets the mean of its shape's samples, scaled to the
// instructions it executed.
//
// Of a launch with many more work-groups than the chip holds at once, three blocks are timed, one
// chip-full each, from the beginning, the middle and the end of the grid.
//
// Everything is decided by counting, nothing by host time: the same program gives the same cycles.
// This is sampled simulation with fixed periods as in SMARTS (Wunderlich et al., ISCA 2003), with
// launches and work-groups as sampling units.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
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
  /// Called for every launch, in order: whether the timed machine is to run it.
  [[nodiscard]] bool wants(const LaunchShape& shape);
  /// What the launch that wants() was last asked about took, when it was timed.
  void add_sample(const CycleTotals& totals);
  /// What it took when it was not: scaled to the instructions it executed. Nothing while no launch
  /// of its kernel has been timed.
  [[nodiscard]] std::optional<Estimate> estimate(std::uint64_t warp_instructions) const;

 private:
  struct Shape {
    std::uint64_t occurrences = 0, next_check = 0;
    std::uint32_t timed = 0, cold_tries = 0;
    std::vector<CycleTotals> warm;  // samples behind another timed launch
    std::vector<CycleTotals> cold;
    Shape* successor = nullptr;  // the shape that last came behind it
    [[nodiscard]] const std::vector<CycleTotals>& samples() const {
      return warm.empty() ? cold : warm;
    }
    [[nodiscard]] bool is_due(std::uint64_t occurrence) const;
  };
  Shape& find(const LaunchShape& shape);
  [[nodiscard]] double relative_spread() const;

  std::map<LaunchShape, Shape> shapes_;
  std::map<LaunchShape, std::uint32_t> families_;  // shapes that differ in integers only
  Shape* current_ = nullptr;
  bool warm_ = false;       // the launch before was timed
  bool now_timed_ = false;  // this one is
};

}  // namespace isobar::timing
