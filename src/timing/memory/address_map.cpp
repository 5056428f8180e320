#include "timing/memory/address_map.h"

#include <algorithm>
#include <bit>

#include "chip/dram_presets.h"

namespace isobar::timing {
namespace {

unsigned log2_of(std::uint64_t power) { return static_cast<unsigned>(std::countr_zero(power)); }

}  // namespace

AddressMap::AddressMap(const chip::Chip& chip) {
  const chip::DramPreset& preset = *chip::find_dram_preset(chip.dram.preset);
  const std::uint32_t channels = chip::dram_channels(chip.dram);
  line_bits_ = log2_of(chip.l2.line.count());
  channel_bits_ = log2_of(channels);
  odd_channels_ = channels >> channel_bits_;
  slices_ = chip::l2_slices(chip) / channels;
  const chip::Dram& dram = chip.dram;
  group_bits_ = log2_of(dram.bank_groups != 0 ? dram.bank_groups : preset.bank_groups);
  bank_bits_ = log2_of(dram.banks != 0 ? dram.banks : preset.banks_per_group);
  const Bytes page = dram.page.count() != 0 ? dram.page : preset.page;
  column_bits_ = log2_of(std::max<std::uint64_t>(1, page / chip.l2.line));
}

ChannelLine AddressMap::channel_of(DeviceAddress line) const {
  const std::uint64_t block = line.value() >> line_bits_;
  const std::uint64_t above = block >> channel_bits_;
  const std::uint64_t low =
      (block & ((std::uint64_t{1} << channel_bits_) - 1)) ^ fold(above, channel_bits_);
  if (odd_channels_ == 1) return {static_cast<std::uint32_t>(low), above};
  const std::uint64_t number = above / odd_channels_;
  const std::uint64_t odd = above - number * odd_channels_;
  return {static_cast<std::uint32_t>(odd << channel_bits_ | low), number};
}

SliceLine AddressMap::slice_of(std::uint64_t channel_line) const {
  if (slices_ == 1) return {0, channel_line};
  const std::uint64_t number = channel_line / slices_;
  // Rotating by the upper part keeps the map a bijection for any number of slices.
  const std::uint64_t turn = channel_line - number * slices_ + fold(number, 4);
  return {static_cast<std::uint32_t>(turn % slices_), number};
}

DramPlace AddressMap::place_of(std::uint64_t channel_line) const {
  const auto mask = [](unsigned bits) { return (std::uint64_t{1} << bits) - 1; };
  const std::uint64_t above_group = channel_line >> group_bits_;
  const std::uint64_t group = (channel_line & mask(group_bits_)) ^ fold(above_group, group_bits_);
  const std::uint64_t column = above_group & mask(column_bits_);
  const std::uint64_t above_column = above_group >> column_bits_;
  const std::uint64_t row = above_column >> bank_bits_;
  // Gray code: from one row to the next a single bit of the permutation changes, so that a stream
  // never returns at once to the banks that it just left, which would have to precharge.
  const std::uint64_t bank = (above_column & mask(bank_bits_)) ^ fold(row ^ row >> 1U, bank_bits_);
  return {static_cast<std::uint32_t>(bank << group_bits_ | group),
          static_cast<std::uint32_t>(column), row};
}

}  // namespace isobar::timing
