#include "plan/lifetime.h"

#include <algorithm>
#include <cmath>

namespace isobar::plan {
namespace {

/// That more than `most` of things are out at once, when `mean` are on average (Poisson: each is
/// out for a while, independently).
double chance_of_more(double mean, std::uint32_t most) {
  if (most == 0xffffffff) return 0;
  double term = std::exp(-mean), sum = 0;
  if (term == 0) {
    // So many that the sum below would vanish: the normal distribution it tends to.
    return 0.5 * std::erfc((most + 0.5 - mean) / std::sqrt(2 * mean));
  }
  for (std::uint32_t k = 0; k <= most; ++k) {
    sum += term;
    term *= mean / (k + 1.0);
  }
  return std::clamp(1 - sum, 0.0, 1.0);
}

}  // namespace

Seconds mean_time_between_failures(const Faults& faults, std::uint64_t chips) {
  return Seconds(3600 / (faults.failures_per_chip_hour * static_cast<double>(chips)));
}

Seconds young_interval(Seconds checkpoint, Seconds between_failures) {
  return Seconds(std::sqrt(2 * checkpoint.count() * between_failures.count()));
}

Seconds best_interval(Seconds checkpoint, Seconds between_failures) {
  // x = interval / M solves (1 - x) exp(x + c) = 1, c = checkpoint / M: between 0 and 1 the left
  // side falls from exp(c) to 0.
  const double c = checkpoint.count() / between_failures.count();
  double low = 0, high = 1;
  for (int i = 0; i < 200; ++i) {
    const double x = (low + high) / 2;
    (std::log1p(-x) + x + c > 0 ? low : high) = x;
  }
  return between_failures * ((low + high) / 2);
}

Lifetime lifetime(const Faults& faults, std::uint64_t chips) {
  Lifetime life;
  life.between_failures = mean_time_between_failures(faults, chips);
  const double between = life.between_failures.count();
  life.interval = faults.interval.count() > 0
                      ? faults.interval
                      : best_interval(faults.checkpoint, life.between_failures);
  // Without a cost of checkpoints the best interval is none; a second is as good.
  life.interval = std::max(life.interval, Seconds(1));
  const double interval = life.interval.count(), pause = faults.checkpoint.count();
  const double down = (faults.detection + faults.restart).count();
  life.goodput =
      interval / (between * std::exp(down / between) * std::expm1((interval + pause) / between));
  life.checkpoints = life.goodput * pause / interval;
  // A failure during a restart begins another one.
  life.restarts = -std::expm1(-down / between);
  life.rework = std::max(0.0, 1 - life.goodput - life.checkpoints - life.restarts);
  const double broken_per_hour =
      static_cast<double>(chips) * faults.failures_per_chip_hour * faults.hardware;
  const double out = broken_per_hour * faults.repair.count() / 3600;  // nodes, on average
  life.no_spare = chance_of_more(out, faults.spare_nodes);
  for (double* share : {&life.goodput, &life.checkpoints, &life.restarts, &life.rework})
    *share *= 1 - life.no_spare;
  return life;
}

RunDuration run_duration(Seconds step, double steps, const Faults& faults, std::uint64_t chips) {
  RunDuration run;
  run.shares = lifetime(faults, chips);
  run.wall_clock = step * (steps / run.shares.goodput);
  run.interruptions = run.wall_clock / run.shares.between_failures;
  return run;
}

Seconds checkpoint_pause(double bytes, BytesPerSecond bandwidth, double hidden) {
  return Seconds(bytes / bandwidth.count() * (1 - hidden));
}

}  // namespace isobar::plan
