// Which launches, and which of their work-groups, the timed machine runs when it cannot run them
// all, and what the others are said to have taken.
//
// Launches are alike when kernel, sizes, local memory and integer arguments agree, how long ago
// their buffers were used (timing/sampled/reuse_history.h), and the shape of the launch before:
// these decide what the caches hold. A training step repeats a few hundred of such kinds. They are
// timed in windows of consecutive launches, so that each finds the machine as the one before left
// it: from the first launch on until nothing new has come for a quarter of the time before, again
// behind any later novelty, and every 64 times as many launches once more for as long as a check
// takes. Every other launch gets the mean of its kind's samples, scaled to the instructions it
// executed.
//
// A launch that is not timed leaves the caches behind that it found, unless it is passed through
// them (timing/sampled/cache_warmer.h), which costs several times its execution. All are passed
// while they have fewer instructions in all than those that were timed, and those before a check,
// as many as it takes to move what the L2 holds. Behind a launch that was not passed, samples are
// cold until as many bytes have moved; kinds without a warm sample have a margin for it.
//
// Of a launch with many more work-groups than the chip holds at once, three blocks are timed, four
// chip-fulls each, from the beginning, the middle and the end of the grid; what lies between them
// is passed.
//
// Everything is decided by counting, nothing by host time: the same program gives the same cycles.
// This is sampled simulation with fixed periods and functional warming before each sample as in
// SMARTS (Wunderlich et al., ISCA 2003), with launches and work-groups as sampling units.
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
#include "timing/sampled/extrapolation.h"
#include "timing/sampled/reuse_history.h"

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
/// Chip-fulls of work-groups in a block of a large launch.
inline constexpr std::uint64_t kChipFulls = 4;

class LaunchSampler {
 public:
  explicit LaunchSampler(const chip::Chip& chip)
      : chip_(chip), cache_(chip.l2.size), history_(chip.l2.size) {}
  /// Called for every launch, in order: whether the timed machine is to run it.
  [[nodiscard]] bool wants(const LaunchShape& shape, std::span<const BufferUse> buffers);
  /// What the launch that wants() was last asked about took, when it was timed; of its warp
  /// instructions, `timed` on the machine itself.
  void add_sample(const Estimate& took, std::uint64_t timed);
  /// Whether it is to be passed through the caches, when it is not timed.
  [[nodiscard]] bool wants_pass() const;
  /// Then: it was, or it was not.
  void passed(const Untimed& work);
  void skipped() {
    moved_ = {};
    stale_ = true;
  }
  /// What it took when it was not timed: scaled to the instructions it executed, with the traffic
  /// that it had if it was passed. Nothing while no launch of its kind has been timed.
  [[nodiscard]] std::optional<Estimate> estimate(std::uint64_t warp_instructions,
                                                 const Untimed* work = nullptr) const;

 private:
  /// Launches that are alike.
  struct Kind {
    std::vector<Estimate> warm, cold;
    [[nodiscard]] const std::vector<Estimate>& samples() const {
      return warm.empty() ? cold : warm;
    }
  };
  struct KindKey {
    std::uint32_t previous = 0, shape = 0;  // their numbers
    std::vector<std::uint16_t> uses;
    friend auto operator<=>(const KindKey&, const KindKey&) = default;
  };
  [[nodiscard]] std::uint32_t identify(const LaunchShape& shape);
  [[nodiscard]] double relative_spread() const;
  [[nodiscard]] double cold_cycles() const;
  void open_or_close(std::uint64_t launch, bool is_new);

  const chip::Chip& chip_;
  Bytes cache_;
  ReuseHistory history_;
  std::map<LaunchShape, std::uint32_t> shapes_;    // their numbers
  std::map<LaunchShape, std::uint32_t> families_;  // shapes that differ in integers only
  std::map<KindKey, Kind> kinds_;
  Kind* current_ = nullptr;
  Bytes footprint_;               // of the current launch's buffers
  std::uint32_t previous_ = 0;    // shape; numbers begin at 1
  std::uint64_t launches_ = 0;    // asked about so far
  std::uint64_t next_check_ = 0;  // launch; 0: the first window is still open
  // The window: the launch it began at, the one it stays open to.
  bool timing_ = false;
  std::uint64_t window_begin_ = 0, window_end_ = 0;
  std::uint64_t check_length_ = 0;
  // Since the last launch that the caches did not see.
  bool stale_ = false;
  Bytes moved_;
  // Of all samples.
  std::uint64_t samples_ = 0, timed_instructions_ = 0, passed_instructions_ = 0;
  Bytes sampled_bytes_;
};

}  // namespace isobar::timing
