#include "timing/sampled/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "timing/sampled/cache_warmer.h"

namespace isobar::timing {
namespace {

constexpr std::uint64_t kPatience = 4;
constexpr std::uint64_t kCheckFactor = 64;    // from one check's launch to the next
constexpr std::uint64_t kShortestWindow = 4;  // launches
constexpr std::uint32_t kMostShapes = 16;     // of a family; beyond, its integers are no shape
constexpr std::uint64_t kBlocks = 3;          // of representative work-groups
constexpr std::uint64_t kManyTimes = 2;       // a grid has many groups: so many times the blocks'

double cycles_per_instruction(const CycleTotals& totals) {
  return totals.warp_instructions == 0 ? 0
                                       : static_cast<double>(totals.cycles.count()) /
                                             static_cast<double>(totals.warp_instructions);
}

/// Standard deviation of the values, relative to their mean; at least two values.
double relative_deviation(std::span<const Estimate> samples) {
  double sum = 0, squares = 0;
  for (const Estimate& sample : samples) {
    const double value = cycles_per_instruction(sample.totals);
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(samples.size());
  const double mean = sum / n;
  const double variance = std::max(0.0, (squares - n * mean * mean) / (n - 1));
  return mean == 0 ? 0 : std::sqrt(variance) / mean;
}

/// What twice the standard error becomes for few samples: Student's t, 95 %, to a tenth.
double t_factor(std::size_t samples) {
  constexpr std::array<double, 5> kFew{12.7, 4.3, 3.2, 2.8, 2.6};
  return samples < 2 ? 2.0 : samples - 2 < kFew.size() ? kFew.at(samples - 2) : 2.3;
}

}  // namespace

std::vector<simt::GroupRange> representative_groups(const chip::Chip& chip,
                                                    const simt::LaunchConfig& config) {
  const std::uint64_t groups = simt::count_groups(config);
  const std::uint64_t block = kChipFulls * resident_groups(chip, config);
  if (groups / kManyTimes < kBlocks * block) return {};
  return {{0, block}, {(groups - block) / 2, block}, {groups - block, block}};
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

bool LaunchSampler::wants(const LaunchShape& shape, std::span<const BufferUse> buffers) {
  const std::uint32_t number = identify(shape);
  const auto [kind, is_new] = kinds_.try_emplace(KindKey{previous_, number, history_.use(buffers)});
  previous_ = number;
  current_ = &kind->second;
  footprint_ = {};
  for (const BufferUse& buffer : buffers) footprint_ += buffer.size;
  open_or_close(launches_++, is_new);
  return timing_;
}

void LaunchSampler::open_or_close(std::uint64_t launch, bool is_new) {
  const bool check = next_check_ > 0 && launch >= next_check_;
  if (!timing_ && (is_new || check)) {
    timing_ = true;
    window_begin_ = launch;
    window_end_ = launch + (check ? check_length_ : kShortestWindow);
  }
  // Nothing new for a quarter of what it took to see the last novelty: what has come since was seen
  // with warm caches, and what else may come opens a window of its own.
  if (is_new)
    window_end_ = std::max(
        window_end_, launch + 1 + std::max((launch - window_begin_) / kPatience, kShortestWindow));
  if (!timing_ || launch < window_end_) return;
  timing_ = false;
  const std::uint64_t length = launch - window_begin_;
  // The first window saw everything at least once: so does a check of its length.
  if (next_check_ == 0) check_length_ = length;
  while (next_check_ <= launch)
    next_check_ = next_check_ == 0 ? kCheckFactor * length : next_check_ * kCheckFactor;
}

void LaunchSampler::add_sample(const Estimate& took, std::uint64_t timed) {
  (moved_ >= cache_ ? current_->warm : current_->cold).push_back(took);
  const Bytes moved(took.totals.memory.dram_read_bytes + took.totals.memory.dram_write_bytes);
  moved_ += moved;
  sampled_bytes_ += moved;
  ++samples_;
  timed_instructions_ += timed;
  passed_instructions_ += took.totals.warp_instructions - timed;
}

bool LaunchSampler::wants_pass() const {
  if (passed_instructions_ < timed_instructions_) return true;
  if (next_check_ == 0 || sampled_bytes_.count() == 0) return false;
  // Launches that move twice what the cache holds, at the samples' mean.
  const auto lead = std::min<std::uint64_t>(
      check_length_, 1 + 2 * cache_.count() * samples_ / sampled_bytes_.count());
  return launches_ + lead >= next_check_;
}

void LaunchSampler::passed(const Untimed& work) {
  moved_ += Bytes(work.memory.dram_read_bytes + work.memory.dram_write_bytes);
  passed_instructions_ += work.warp_instructions;
}

/// The root mean square of what kinds with several samples show.
double LaunchSampler::relative_spread() const {
  constexpr double kUnknown = 0.05;  // until two samples of anything were taken
  double squares = 0;
  std::size_t count = 0;
  for (const auto& [key, kind] : kinds_) {
    if (kind.samples().size() < 2) continue;
    const double one = relative_deviation(kind.samples());
    squares += one * one;
    ++count;
  }
  return count == 0 ? kUnknown : std::sqrt(squares / static_cast<double>(count));
}

/// What it may cost to find other lines in the last level, at most: as many bytes as it holds, or
/// the launch works on, in and out.
double LaunchSampler::cold_cycles() const {
  return static_cast<double>(std::min(cache_, footprint_).count()) / peak_dram_bytes(chip_);
}

std::optional<Estimate> LaunchSampler::estimate(std::uint64_t warp_instructions,
                                                const Untimed* work) const {
  const std::vector<Estimate>& samples = current_->samples();
  if (samples.empty()) return std::nullopt;
  CycleTotals sum;
  double own = 0;
  for (const Estimate& sample : samples) {
    sum += scaled(sample.totals, warp_instructions);
    own += sample.margin_cycles / static_cast<double>(sample.totals.cycles.count());
  }
  const auto n = static_cast<std::uint64_t>(samples.size());
  Estimate estimate{mean(sum, n), 0};
  if (work != nullptr) estimate = with_traffic(chip_, estimate.totals, *work);
  const double relative =
      n > 1 ? relative_deviation(samples) / std::sqrt(static_cast<double>(n)) : relative_spread();
  const double share = kLeastMargin + t_factor(n) * relative + own / static_cast<double>(n);
  estimate.margin_cycles += share * static_cast<double>(estimate.totals.cycles.count());
  if (current_->warm.empty() && stale_) estimate.margin_cycles += cold_cycles();
  return estimate;
}

}  // namespace isobar::timing
