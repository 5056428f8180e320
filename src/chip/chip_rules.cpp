#include "chip/chip_rules.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>

#include "base/error.h"
#include "chip/dram_presets.h"
#include "chip/quantity.h"

namespace isobar::chip {
namespace {

constexpr std::uint64_t kMostWarps = 64;    // of a scheduler: its sets of them are words of 64 bits
constexpr std::uint64_t kMostSectors = 32;  // of a line, likewise
constexpr std::uint64_t kMostLines = 1 << 26;  // of all caches: a few GiB of tags on the host

/// Zero stands for "not given" where a key's range allows it.
void check_power(const TomlFile& file, std::string_view key, std::uint64_t value) {
  if (value == 0 || std::has_single_bit(value)) return;
  fail("{}: {} is {}, but must be a power of two (try {} or {})", file.where(key), key, value,
       std::bit_floor(value), std::bit_ceil(value));
}

/// `slices` share the cache; each needs a power of two of sets.
void check_cache(const TomlFile& file, std::string_view name, const Cache& cache,
                 std::uint32_t slices) {
  const auto key = [&](std::string_view last) { return fmt::format("{}.{}", name, last); };
  check_power(file, key("line"), cache.line.count());
  check_power(file, key("sector"), cache.sector.count());
  if ((cache.line % cache.sector) != 0)
    fail("{}: {}.sector is {} B, which does not divide a line of {} B (try {} B)",
         file.where(key("sector")), name, cache.sector.count(), cache.line.count(),
         cache.line.count());
  const std::uint64_t set = cache.line.count() * cache.ways * slices;
  const std::uint64_t sets = cache.size.count() / set;
  if (sets == 0 || cache.size.count() % set != 0 || !std::has_single_bit(sets)) {
    const std::uint64_t below = std::max<std::uint64_t>(1, std::bit_floor(sets));
    const auto size = [&](std::uint64_t n) {
      return format_quantity(static_cast<double>(n * set), Dimension::kBytes);
    };
    fail(
        "{}: {}.size is {}, but its sets of {} ways x {} B{} must be a power of two in number (try "
        "{} or {})",
        file.where(key("size")), name,
        format_quantity(static_cast<double>(cache.size.count()), Dimension::kBytes), cache.ways,
        cache.line.count(), slices == 1 ? "" : fmt::format(", in each of {} slices,", slices),
        size(below), size(2 * below));
  }
}

/// The preset exists, and channels of its kind can have the bandwidth.
void check_dram(const TomlFile& file, const Dram& dram) {
  const DramPreset* preset = find_dram_preset(dram.preset);
  if (preset == nullptr)
    fail("{}: dram.preset is {} (it must be one of {})", file.where("dram.preset"),
         in_quotes(dram.preset), dram_preset_names());
  check_power(file, "dram.bank_groups", dram.bank_groups);
  check_power(file, "dram.banks", dram.banks);
  check_power(file, "dram.page", dram.page.count());
  const std::uint64_t groups = dram.bank_groups != 0 ? dram.bank_groups : preset->bank_groups;
  const std::uint64_t banks = dram.banks != 0 ? dram.banks : preset->banks_per_group;
  if (groups * banks > 64)
    fail("{}: dram.banks is {}, but {} bank groups of it are more than 64 banks (try {})",
         file.where("dram.banks"), banks, groups, 64 / groups);
  const std::uint32_t channels = dram_channels(dram);
  const double each = dram.bandwidth.count() / channels;
  const double least = preset->least_bandwidth().count(), most = preset->most_bandwidth().count();
  if (each >= least && each <= most) return;
  const double fewest = std::ceil(dram.bandwidth.count() / most);
  const std::string remedy =
      fewest <= 4096 && fewest * least <= dram.bandwidth.count()
          ? fmt::format("try dram.channels = {:.0f}", fewest)
          : fmt::format("try dram.bandwidth = \"{}\"",
                        format_quantity(most * channels, Dimension::kBandwidth));
  fail("{}: dram.bandwidth is {}, but {} channels of {} have {} to {} each ({})",
       file.where("dram.bandwidth"), format_quantity(dram.bandwidth.count(), Dimension::kBandwidth),
       channels, preset->name, format_quantity(least, Dimension::kBandwidth),
       format_quantity(most, Dimension::kBandwidth), remedy);
}

void check_slices(const TomlFile& file, const Chip& chip) {
  const std::uint32_t channels = dram_channels(chip.dram);
  if (chip.l2.slices % channels != 0)
    fail("{}: l2.slices is {}, but each of {} DRAM channels needs as many (try {})",
         file.where("l2.slices"), chip.l2.slices, channels,
         channels * std::max<std::uint32_t>(1, chip.l2.slices / channels));
  if (chip.l2.line / chip.l2.sector > kMostSectors)
    fail("{}: l2.sector is {} B, but a line of {} B can have {} sectors at most (try {} B)",
         file.where("l2.sector"), chip.l2.sector.count(), chip.l2.line.count(), kMostSectors,
         chip.l2.line.count() / kMostSectors);
}

/// A first-level request names sectors of a second-level line: the two cut memory alike.
void check_levels(const TomlFile& file, const Chip& chip) {
  const auto check_alike = [&](std::string_view key, Bytes first, Bytes second) {
    if (first == second) return;
    fail("{}: l1.{} is {} B and l2.{} is {} B, but they must be the same (try l1.{} = \"{} B\")",
         file.where(fmt::format("l1.{}", key)), key, first.count(), key, second.count(), key,
         second.count());
  };
  check_alike("line", chip.l1.line, chip.l2.line);
  check_alike("sector", chip.l1.sector, chip.l2.sector);
  if (chip.icache.line > chip.l2.line)
    fail("{}: icache.line is {} B, more than l2.line, from which it is filled (try {} B)",
         file.where("icache.line"), chip.icache.line.count(), chip.l2.line.count());
}

std::uint64_t lines_of(const Cache& cache) { return cache.size / cache.line; }

/// What the host would have to hold: no machine that exists comes near.
void check_amount(const TomlFile& file, const Chip& chip) {
  const std::uint64_t each = lines_of(chip.l1) + chip.icache.size / chip.icache.line;
  const std::uint64_t lines = chip.core.count * each + lines_of(chip.l2);
  if (lines <= kMostLines) return;
  fail(
      "{}: {} cores with {} lines of cache each and an L2 of {} lines are {} lines, more than "
      "the {} that can be simulated (fewer cores, or smaller caches)",
      file.where("core.count"), chip.core.count, each, lines_of(chip.l2), lines, kMostLines);
}

void check_core(const TomlFile& file, const Chip& chip) {
  const CoreParameters& core = chip.core;
  const std::uint32_t resident = core.warps * core.lanes;
  if (core.max_work_group > resident)
    fail("{}: core.max_work_group is {}, but {} warps of {} lanes hold {} work-items (try {})",
         file.where("core.max_work_group"), core.max_work_group, core.warps, core.lanes, resident,
         resident);
  if (core.schedulers > core.warps)
    fail("{}: core.schedulers is {}, but there are {} warps for them to issue (try {})",
         file.where("core.schedulers"), core.schedulers, core.warps, core.warps);
  if ((core.warps + core.schedulers - 1) / core.schedulers > kMostWarps)
    fail("{}: core.warps is {}, but {} schedulers can have {} each (try core.schedulers = {})",
         file.where("core.warps"), core.warps, core.schedulers, kMostWarps,
         (core.warps + kMostWarps - 1) / kMostWarps);
}

void check_first_level(const TomlFile& file, const Chip& chip) {
  check_cache(file, "l1", chip.l1, 1);
  Cache instructions;
  instructions.size = chip.icache.size;
  instructions.line = instructions.sector = chip.icache.line;
  instructions.ways = chip.icache.ways;
  check_cache(file, "icache", instructions, 1);
}

/// A bank that is refreshed for longer than its interval does nothing else.
void check_refresh(const TomlFile& file, const Dram& dram) {
  const DramTimings timings = dram_timings(dram);
  if (!dram.refresh || timings.rfc * 2 <= timings.refi) return;
  fail(
      "{}: dram.t_rfc is {}, but every bank is refreshed once in t_refi, {}, and must have half "
      "of it for its work (try a shorter t_rfc or a longer t_refi)",
      file.where("dram.t_rfc"),
      format_quantity(static_cast<double>(timings.rfc.count()) * 1e-12, Dimension::kTime),
      format_quantity(static_cast<double>(timings.refi.count()) * 1e-12, Dimension::kTime));
}

}  // namespace

void check_rules(const TomlFile& file, const Chip& chip) {
  check_core(file, chip);
  check_first_level(file, chip);
  check_dram(file, chip.dram);
  check_refresh(file, chip.dram);
  check_slices(file, chip);
  // The geometry of one that is left out still says what a request names.
  check_power(file, "l2.line", chip.l2.line.count());
  check_power(file, "l2.sector", chip.l2.sector.count());
  if (chip.l2.size.count() != 0) check_cache(file, "l2", chip.l2, l2_slices(chip));
  check_levels(file, chip);
  check_amount(file, chip);
}

}  // namespace isobar::chip
