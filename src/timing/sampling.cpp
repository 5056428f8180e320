#include "timing/sampling.h"

#include <algorithm>
#include <cmath>

namespace isobar::timing {
namespace {

constexpr std::uint32_t kWarmSamples = 2;  // of a shape, before checks become rare
constexpr std::uint32_t kMostAtFirst = 6;  // timed launches of a shape that never finds it warm
constexpr std::uint32_t kColdTries = 2;    // of a check that never finds the caches warm
constexpr std::uint64_t kFirstCheck = 16;  // occurrence of the first check
constexpr std::uint64_t kCheckFactor = 8;  // from one check's occurrence to the next
constexpr std::uint32_t kMostShapes = 16;  // of a family; beyond, its integers are no shape
constexpr std::uint64_t kBlocks = 3;       // of representative work-groups
constexpr std::uint64_t kManyTimes = 2;    // a grid has many groups: so many times the blocks'

double cycles_per_instruction(const CycleTotals& totals) {
  return totals.warp_instructions == 0 ? 0
                                       : static_cast<double>(totals.cycles.count()) /
                                             static_cast<double>(totals.warp_instructions);
}

/// Of the values' mean, relative to it; at least two values.
double relative_standard_error(std::span<const CycleTotals> samples) {
  double sum = 0, squares = 0;
  for (const CycleTotals& sample : samples) {
    const double value = cycles_per_instruction(sample);
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(samples.size());
  const double mean = sum / n;
  const double variance = std::max(0.0, (squares - n * mean * mean) / (n - 1));
  return mean == 0 ? 0 : std::sqrt(variance / n) / mean;
}

/// Work-groups that the whole chip holds at once.
std::uint64_t resident_groups(const chip::Chip& chip, const simt::LaunchConfig& config) {
  const std::uint64_t items = config.local_size[0] * config.local_size[1] * config.local_size[2];
  const std::uint64_t warps = (items + config.warp_width - 1) / config.warp_width;
  std::uint64_t groups = std::min<std::uint64_t>(chip.core.work_groups, chip.core.warps / warps);
  if (config.local_memory.count() > 0)
    groups = std::min(groups, chip.core.local_memory.count() / config.local_memory.count());
  return std::max<std::uint64_t>(groups, 1) * chip.core.count;
}

}  // namespace

std::vector<simt::GroupRange> representative_groups(const chip::Chip& chip,
                                                    const simt::LaunchConfig& config) {
  const std::uint64_t groups = simt::count_groups(config);
  const std::uint64_t block = resident_groups(chip, config);
  if (groups / kManyTimes < kBlocks * block) return {};
  return {{0, block}, {(groups - block) / 2, block}, {groups - block, block}};
}

std::vector<simt::GroupRange> other_groups(std::span<const simt::GroupRange> selection,
                                           std::uint64_t groups) {
  std::vector<simt::GroupRange> others;
  std::uint64_t at = 0;
  for (const simt::GroupRange& range : selection) {
    if (range.first > at) others.push_back({at, range.first - at});
    at = range.first + range.count;
  }
  if (at < groups) others.push_back({at, groups - at});
  return others;
}

bool LaunchSampler::Shape::is_due(std::uint64_t occurrence) const {
  if (warm.size() < kWarmSamples && timed < kMostAtFirst) return true;
  return occurrence >= next_check;
}

LaunchSampler::Shape& LaunchSampler::find(const LaunchShape& shape) {
  if (const auto known = shapes_.find(shape); known != shapes_.end()) return known->second;
  LaunchShape family = shape;
  family.integers.clear();
  // Seeds and step numbers are integers too: a family with many values does not depend on them.
  if (families_[family] >= kMostShapes) return shapes_[family];
  ++families_[family];
  return shapes_[shape];
}

bool LaunchSampler::wants(const LaunchShape& shape) {
  Shape& found = find(shape);
  if (current_ != nullptr) current_->successor = &found;
  warm_ = now_timed_;
  current_ = &found;
  const std::uint64_t occurrence = ++found.occurrences;
  const Shape* next = found.successor;
  const bool warms_another =
      next != nullptr && next != &found && next->is_due(next->occurrences + 1);
  now_timed_ = found.is_due(occurrence) || warms_another;
  return now_timed_;
}

void LaunchSampler::add_sample(const CycleTotals& totals) {
  Shape& shape = *current_;
  ++shape.timed;
  (warm_ ? shape.warm : shape.cold).push_back(totals);
  shape.cold_tries = warm_ ? 0 : shape.cold_tries + 1;
  if (warm_ || shape.cold_tries >= kColdTries) {
    shape.cold_tries = 0;
    while (shape.next_check <= shape.occurrences)
      shape.next_check = std::max(kFirstCheck, shape.next_check * kCheckFactor);
  }
}

/// The root mean square of what shapes with several samples show.
double LaunchSampler::relative_spread() const {
  constexpr double kUnknown = 0.05;  // until two samples of anything were taken
  double squares = 0;
  std::size_t count = 0;
  for (const auto& [shape, each] : shapes_) {
    const auto n = each.samples().size();
    if (n < 2) continue;
    const double one = relative_standard_error(each.samples()) * std::sqrt(static_cast<double>(n));
    squares += one * one;
    ++count;
  }
  return count == 0 ? kUnknown : std::sqrt(squares / static_cast<double>(count));
}

std::optional<Estimate> LaunchSampler::estimate(std::uint64_t warp_instructions) const {
  const std::vector<CycleTotals>& samples = current_->samples();
  if (samples.empty()) return std::nullopt;
  CycleTotals sum;
  for (const CycleTotals& sample : samples) sum += scaled(sample, warp_instructions);
  Estimate estimate;
  const auto n = static_cast<std::uint64_t>(samples.size());
  estimate.totals = mean(sum, n);
  const double relative = n > 1 ? relative_standard_error(samples) : relative_spread();
  estimate.margin_cycles = 2 * relative * static_cast<double>(estimate.totals.cycles.count());
  return estimate;
}

}  // namespace isobar::timing
