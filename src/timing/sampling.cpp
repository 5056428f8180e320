#include "timing/sampling.h"

#include <algorithm>
#include <cmath>

namespace isobar::timing {
namespace {

constexpr std::uint64_t kPatience = 4;
constexpr std::uint64_t kCheckFactor = 64;    // from one check's launch to the next
constexpr std::uint64_t kShortestWindow = 4;  // launches
constexpr std::uint32_t kMostShapes = 16;     // of a family; beyond, its integers are no shape
constexpr std::uint64_t kBlocks = 3;          // of representative work-groups
constexpr std::uint64_t kChipFulls = 4;       // in a block
constexpr std::uint64_t kManyTimes = 2;       // a grid has many groups: so many times the blocks'

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
  const std::uint64_t block = kChipFulls * resident_groups(chip, config);
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

std::uint32_t LaunchSampler::identify(const LaunchShape& shape) {
  if (const auto known = shapes_.find(shape); known != shapes_.end()) return known->second;
  LaunchShape family = shape;
  family.integers.clear();
  // Seeds and step numbers are integers too: a family with many values does not depend on them.
  std::uint32_t& members = families_[family];
  const bool too_many = members >= kMostShapes;
  if (!too_many) ++members;
  const auto number = static_cast<std::uint32_t>(shapes_.size() + 1);
  return shapes_.try_emplace(too_many ? family : shape, number).first->second;
}

bool LaunchSampler::wants(const LaunchShape& shape) {
  const std::uint32_t number = identify(shape);
  const auto [kind, is_new] = kinds_.try_emplace({previous_, number});
  previous_ = number;
  current_ = &kind->second;
  const std::uint64_t launch = launches_++;
  const bool check = next_check_ > 0 && launch >= next_check_;
  if (!timing_ && (is_new || check)) {
    timing_ = true;
    window_begin_ = launch;
    window_end_ = launch + (check ? check_length_ : kShortestWindow);
    moved_ = {};
  }
  // Nothing new for a quarter of what it took to see the last novelty: what has come since was seen
  // with warm caches, and what else may come opens a window of its own.
  if (is_new)
    window_end_ = std::max(
        window_end_, launch + 1 + std::max((launch - window_begin_) / kPatience, kShortestWindow));
  if (timing_ && launch >= window_end_) {
    timing_ = false;
    const std::uint64_t length = launch - window_begin_;
    // The first window saw everything at least once: so does a check of its length.
    if (next_check_ == 0) check_length_ = length;
    while (next_check_ <= launch)
      next_check_ = next_check_ == 0 ? kCheckFactor * length : next_check_ * kCheckFactor;
  }
  return timing_;
}

void LaunchSampler::add_sample(const CycleTotals& totals) {
  (moved_ >= cache_ ? current_->warm : current_->cold).push_back(totals);
  moved_ += Bytes(totals.memory.dram_read_bytes + totals.memory.dram_write_bytes);
}

/// The root mean square of what kinds with several samples show.
double LaunchSampler::relative_spread() const {
  constexpr double kUnknown = 0.05;  // until two samples of anything were taken
  double squares = 0;
  std::size_t count = 0;
  for (const auto& [pair, kind] : kinds_) {
    const auto n = kind.samples().size();
    if (n < 2) continue;
    const double one = relative_standard_error(kind.samples()) * std::sqrt(static_cast<double>(n));
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
