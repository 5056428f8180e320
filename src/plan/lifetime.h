// Time as it is lived: between the time that a step would take and the days that a run takes stand
// the slowest of many chips, failures, and the checkpoints against them. Every share of the wall
// clock is charged to one cause; they sum to one.
//
// Failures strike at random and independently, at any time (also during a restart), at a rate per
// chip-hour; each costs the work since the last checkpoint, its detection and a restart. Left out:
// failures that come in bursts, and runs that go on with fewer chips.
// References: Young, 1974, and Daly, A higher order estimate of the optimum checkpoint interval for
// restart dumps, 2006 (its complete model, equation 20); Kokolis et al., Revisiting Reliability in
// Large-Scale Machine Learning Research Clusters, 2024 (rates; mean time to failure by scale).
#pragma once

#include <cstdint>

#include "base/units.h"

namespace isobar::plan {

/// 466 interruptions of 16,384 chips in 54 days (Grattafiori et al., The Llama 3 Herd of Models,
/// 2024, section 3.3.4), planned ones among them.
inline constexpr double kLlama3FailuresPerChipHour = 466.0 / (54.0 * 24 * 16384);

struct Faults {
  double failures_per_chip_hour = kLlama3FailuresPerChipHour;
  Seconds detection{60};  // from the failure until the job is stopped
  Seconds restart{480};   // from there until it trains again: nodes, processes, checkpoint, warm-up
  Seconds checkpoint{5};  // that training stands still to write one
  Seconds interval{0};    // of training between two checkpoints; 0: the best
  double hardware = 0.8;  // of the failures take a node out until it is repaired
  Seconds repair{24.0 * 3600};
  std::uint32_t spare_nodes = 0xffffffff;  // that wait to step in; all ones: never short of them
};

/// Between two failures of any of `chips`.
[[nodiscard]] Seconds mean_time_between_failures(const Faults& faults, std::uint64_t chips);

/// Young's first-order estimate: the root of 2 x checkpoint x mean time between failures.
[[nodiscard]] Seconds young_interval(Seconds checkpoint, Seconds between_failures);
/// The interval of training that makes a run shortest, exactly (the Lambert function's solution of
/// Daly's complete model).
[[nodiscard]] Seconds best_interval(Seconds checkpoint, Seconds between_failures);

/// Shares of the wall clock; they sum to 1.
struct Lifetime {
  double goodput = 1;      // training that counts
  double checkpoints = 0;  // writing them
  double rework = 0;       // training again, or not to the end of an interval
  double restarts = 0;     // detection and restart
  double no_spare = 0;     // waiting for a repair, since no spare is left
  Seconds interval;        // that was used
  Seconds between_failures;
};
[[nodiscard]] Lifetime lifetime(const Faults& faults, std::uint64_t chips);

/// A whole run: `step` as the slowest of its chips makes it, steps x step / goodput of wall clock.
struct RunDuration {
  Seconds wall_clock;
  double interruptions = 0;  // expected
  Lifetime shares;
};
[[nodiscard]] RunDuration run_duration(Seconds step, double steps, const Faults& faults,
                                       std::uint64_t chips);

/// Seconds that training stands still for one checkpoint: `bytes` in all through `bandwidth` in
/// all, of which `hidden` goes on beside training.
[[nodiscard]] Seconds checkpoint_pause(double bytes, BytesPerSecond bandwidth, double hidden);

}  // namespace isobar::plan
