// Reads a chip file by walking the parameter table, never the other way round: what the table does
// not name is an unknown key. Grammar: TOML 1.0 (https://toml.io), read by toml++.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/toml.h"
#include "chip/chip.h"
#include "chip/datasheet.h"
#include "chip/dram_presets.h"
#include "chip/key_places.h"
#include "chip/parameters.h"

namespace isobar::chip {
namespace {

/// "did you mean l1.size?" or, when nothing is near, where the list is.
std::string suggestion(const std::string& path) {
  constexpr std::string_view kPage = "docs/CHIP_FILE.md lists the keys";
  if (path.size() > 64) return std::string(kPage);
  std::string_view best;
  std::size_t best_distance = 1 + std::max<std::size_t>(2, path.size() / 3);
  const auto consider = [&](std::string_view known) {
    // A key may stand in the wrong table as well as be misspelt.
    const std::string_view last = known.substr(known.find('.') + 1);
    const std::size_t distance =
        std::min(edit_distance(path, known), edit_distance(path, last) + 1);
    if (distance >= best_distance) return;
    best_distance = distance;
    best = known;
  };
  for (const Parameter& row : parameters()) consider(row.path);
  for (const DatasheetParameter& row : datasheet_parameters()) consider(row.path);
  return best.empty() ? std::string(kPage) : fmt::format("did you mean {}?", best);
}

std::string remedy(const Parameter& row) {
  switch (row.dimension) {
    case Dimension::kText:
      return fmt::format("text in quotes, {}", format_range(row));
    case Dimension::kCount:
      return fmt::format("a whole number, {}", format_range(row));
    default:
      return fmt::format("text with a unit such as \"{}\", {}; units: {}",
                         row.otherwise.empty() ? format_quantity(row.high, row.dimension)
                                               : std::string(row.otherwise),
                         format_range(row), unit_names(row.dimension));
  }
}

/// Unknown keys are errors: a misspelt one would otherwise describe another chip in silence.
void refuse_unknown_keys(const File& file) {
  const auto known = [](std::string_view path) {
    return is_datasheet_key(path) ||
           std::ranges::any_of(parameters(), [&](const Parameter& p) { return p.path == path; });
  };
  const auto is_section = [](std::string_view path) {
    const std::string prefix = std::string(path) + '.';
    const auto below = [&](const auto& row) { return row.path.starts_with(prefix); };
    return std::ranges::any_of(parameters(), below) ||
           std::ranges::any_of(datasheet_parameters(), below);
  };
  const auto refuse = [&](const toml::key& key, const std::string& path) {
    fail("{}:{}: {} is not a key of a chip file ({})", file.name, key.source().begin.line,
         in_quotes(path), suggestion(path));
  };
  for (const auto& [key, node] : file.top) {
    const std::string name(key.str());
    if (is_section(name)) {
      const toml::table* table = node.as_table();
      if (table == nullptr)
        fail("{}: {} must be a table (write [{}] and its keys below)", file.where(&node), name,
             name);
      for (const auto& [inner, value] : *table) {
        const std::string path = fmt::format("{}.{}", name, inner.str());
        if (!known(path) || inner.str().find('.') != std::string_view::npos) refuse(inner, path);
      }
    } else if (!known(name) || name.find('.') != std::string::npos) {
      refuse(key, name);
    }
  }
}

/// The number a node stands for, in base units; nothing if it is of the wrong kind.
std::optional<double> number_of(const toml::node& node, const Parameter& row) {
  if (row.dimension == Dimension::kCount) {
    const auto whole = node.value_exact<std::int64_t>();
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  }
  const auto text = node.value_exact<std::string>();
  return text ? parse_quantity(*text, row.dimension) : std::nullopt;
}

void read_text_parameter(const File& file, const Parameter& row, const toml::node& node,
                         Chip& chip) {
  const auto text = node.value_exact<std::string>();
  const bool fits = text && static_cast<double>(text->size()) >= row.low &&
                    static_cast<double>(text->size()) <= row.high &&
                    std::ranges::all_of(*text, [](char c) { return c >= ' ' && c <= '~'; });
  if (!fits)
    fail("{}: {} is {} (it must be {})", file.where(&node), row.path, written(node), remedy(row));
  row.text(chip) = *text;
}

void read_parameter(const File& file, const Parameter& row, Chip& chip) {
  const toml::node* node = file.find(row.path);
  if (node == nullptr && row.otherwise.empty())
    fail("{}: {} is missing (it must be {})", file.where(row.path), row.path, remedy(row));
  if (row.dimension == Dimension::kText) {
    if (node != nullptr)
      read_text_parameter(file, row, *node, chip);
    else
      row.text(chip) = row.otherwise;
    return;
  }
  if (node == nullptr) {
    // The test of the table proves that every default parses.
    const bool count = row.dimension == Dimension::kCount;
    row.set(chip, count ? std::stod(std::string(row.otherwise))
                        : parse_quantity(row.otherwise, row.dimension).value());
    return;
  }
  const std::optional<double> value = number_of(*node, row);
  if (!value)
    fail("{}: {} is {} (it must be {})", file.where(node), row.path, written(*node), remedy(row));
  if (*value < row.low || *value > row.high)
    fail("{}: {} is {}, out of range (it must be {})", file.where(node), row.path, written(*node),
         remedy(row));
  row.set(chip, *value);
}

/// `slices` share the cache; each needs a power of two of sets.
void check_cache(const File& file, std::string_view name, const Cache& cache,
                 std::uint32_t slices) {
  const auto key = [&](std::string_view last) { return fmt::format("{}.{}", name, last); };
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
void check_dram(const File& file, const Dram& dram) {
  const DramPreset* preset = find_dram_preset(dram.preset);
  if (preset == nullptr)
    fail("{}: dram.preset is {} (it must be one of {})", file.where("dram.preset"),
         in_quotes(dram.preset), dram_preset_names());
  const auto check_power = [&](std::string_view key, std::uint64_t value) {
    if (value != 0 && !std::has_single_bit(value))
      fail("{}: {} is {}, but must be a power of two (try {})", file.where(key), key, value,
           std::bit_floor(value));
  };
  check_power("dram.bank_groups", dram.bank_groups);
  check_power("dram.banks", dram.banks);
  check_power("dram.page", dram.page.count());
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

void check_slices(const File& file, const Chip& chip) {
  const std::uint32_t channels = dram_channels(chip.dram);
  if (chip.l2.slices % channels != 0)
    fail("{}: l2.slices is {}, but each of {} DRAM channels needs as many (try {})",
         file.where("l2.slices"), chip.l2.slices, channels,
         channels * std::max<std::uint32_t>(1, chip.l2.slices / channels));
  if (chip.l2.line / chip.l2.sector > 32)
    fail("{}: l2.sector is {} B, but a line of {} B can have 32 sectors at most (try {} B)",
         file.where("l2.sector"), chip.l2.sector.count(), chip.l2.line.count(),
         chip.l2.line.count() / 32);
}

void check_choice(const File& file, std::string_view key, const std::string& value,
                  std::initializer_list<std::string_view> choices) {
  if (std::ranges::find(choices, value) != choices.end()) return;
  std::string names;
  for (const std::string_view choice : choices)
    names += (names.empty() ? "" : " or ") + std::string(choice);
  fail("{}: {} is {} (it must be {})", file.where(key), key, in_quotes(value), names);
}

/// What no single key can promise.
void check_together(const File& file, const Chip& chip) {
  const std::uint32_t resident = chip.core.warps * chip.core.lanes;
  if (chip.core.max_work_group > resident)
    fail("{}: core.max_work_group is {}, but {} warps of {} lanes hold {} work-items (try {})",
         file.where("core.max_work_group"), chip.core.max_work_group, chip.core.warps,
         chip.core.lanes, resident, resident);
  check_choice(file, "core.private_layout", chip.core.private_layout,
               {"interleaved", "contiguous"});
  check_choice(file, "l1.fill", chip.l1.fill, {"sectors", "line"});
  check_choice(file, "l1.index", chip.l1.index, {"folded", "plain"});
  check_choice(file, "l1.replacement", chip.l1.replacement, {"lru", "fifo"});
  check_cache(file, "l1", chip.l1, 1);
  check_dram(file, chip.dram);
  check_slices(file, chip);
  if (chip.l2.size.count() != 0) check_cache(file, "l2", chip.l2, l2_slices(chip));
}

/// A catalogue chip is told everything that it lacks at once, since none of it can be there.
void refuse_catalogue_chip(const File& file) {
  if (file.find("core") != nullptr || file.top.empty()) return;
  const bool has_sheet = std::ranges::any_of(
      datasheet_parameters(), [&](const auto& row) { return file.find(row.path) != nullptr; });
  if (!has_sheet) return;
  std::string missing;
  for (const Parameter& row : parameters())
    if (row.otherwise.empty() && file.find(row.path) == nullptr)
      missing += (missing.empty() ? "" : ", ") + std::string(row.path);
  fail(
      "{}:1: this is a catalogue chip, a data sheet without a machine to simulate: {} are missing "
      "(add [core] and [dram] as chips/isobar-1.toml has them, or take a chip that has them, such "
      "as isobar-1; `isobar chip` and `isobar plan` read this one as it is)",
      file.name, missing);
}

}  // namespace

void refuse_unknown_keys(const toml::table& top, const std::filesystem::path& path) {
  refuse_unknown_keys(File{top, path.string()});
}

Chip parse_chip(std::string_view text, const std::filesystem::path& path) {
  const toml::table top = parse_toml(text, path.string());
  const File file{top, path.string()};
  refuse_unknown_keys(file);
  refuse_catalogue_chip(file);
  Chip chip;
  chip.path = path;
  for (const Parameter& row : parameters()) read_parameter(file, row, chip);
  check_together(file, chip);
  return chip;
}

Chip read_chip(const std::filesystem::path& path) { return parse_chip(read_text(path), path); }

}  // namespace isobar::chip
