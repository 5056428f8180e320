#include "timing/core/load_store/coalescer.h"

#include <algorithm>
#include <array>
#include <bit>

#include "isa/guest_abi.h"

namespace isobar::timing {
namespace {

/// Calls f(address, lane) for every lane of the mask, in order; `before` lanes that are active in
/// the access come before them.
template <class F>
void for_each_address(const simt::TracedAccess& access, simt::LaneMask mask, std::size_t before,
                      F&& f) {
  const bool all = (mask & (mask + 1)) == 0;  // the lowest lanes, without a gap
  const auto lanes = static_cast<std::uint64_t>(std::popcount(mask));
  if (access.shape == simt::Shape::kVector) {
    if (all) {
      for (std::uint64_t lane = 0; lane < lanes; ++lane) f(access.addresses[lane], lane);
      return;
    }
    std::size_t next = before;
    for (simt::LaneMask left = mask; left != 0; left &= left - 1)
      f(access.addresses[next++], static_cast<std::uint64_t>(std::countr_zero(left)));
    return;
  }
  for (simt::LaneMask left = mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<std::uint64_t>(std::countr_zero(left));
    f(access.base + static_cast<std::uint64_t>(access.stride) * lane, lane);
  }
}

bool is_private(std::uint64_t address) {
  return address >= isa::kPrivateLowest && address < isa::kPrivateTop;
}

/// Whether the active lanes are neighbours.
bool is_run(simt::LaneMask mask) {
  const simt::LaneMask down = mask >> std::countr_zero(mask);
  return (down & (down + 1)) == 0;
}

/// Of the first of the lanes in `mask`; `before` of the access's active lanes came earlier.
std::uint64_t first_address(const simt::TracedAccess& access, simt::LaneMask mask,
                            std::size_t before = 0) {
  if (access.shape == simt::Shape::kVector) return access.addresses[before];
  if (access.shape == simt::Shape::kUniform) return access.base;
  return access.base + static_cast<std::uint64_t>(access.stride) *
                           static_cast<std::uint64_t>(std::countr_zero(mask));
}

}  // namespace

/// Sector by sector: where lanes are merged in groups, each is an access of its own.
void Coalescer::touch_sectors(std::uint64_t address, std::uint64_t bytes, std::uint32_t lanes) {
  const unsigned shift = geometry_.sector_shift;
  for (std::uint64_t sector = address >> shift; sector <= (address + bytes - 1) >> shift;
       ++sector) {
    const std::uint64_t line = sector << shift >> geometry_.line_shift << geometry_.line_shift;
    const std::uint32_t bit = 1U << (((sector << shift) - line) >> shift);
    const auto begin = lines_.begin() + static_cast<std::ptrdiff_t>(group_begin_);
    const auto found = std::find_if(begin, lines_.end(), [&](const LineAccess& each) {
      return each.line == line && each.sectors == bit;
    });
    if (found != lines_.end())
      found->operations += lanes;
    else
      lines_.push_back(
          {line, bit, lanes, static_cast<std::uint32_t>(lines_.size() - group_begin_)});
  }
}

/// Mostly called for every lane, so written for the common case: one that touches the line of the
/// lane before it, and no other.
void Coalescer::touch(std::uint64_t address, std::uint64_t bytes, std::uint32_t lanes) {
  if (geometry_.group < 64) return touch_sectors(address, bytes, lanes);
  const std::uint64_t line_bytes = std::uint64_t{1} << geometry_.line_shift;
  const std::uint64_t end = address + bytes;
  while (address < end) {
    const std::uint64_t line = address & ~(line_bytes - 1);
    const std::uint64_t stop = std::min(end, line + line_bytes);
    const auto first = static_cast<unsigned>((address - line) >> geometry_.sector_shift);
    const auto last = static_cast<unsigned>((stop - 1 - line) >> geometry_.sector_shift);
    LineAccess& place = line == last_line_ ? lines_[last_] : place_of(line);
    place.sectors |= (2U << last) - (1U << first);
    place.operations += lanes;
    address = stop;
  }
}

LineAccess& Coalescer::place_of(std::uint64_t line) {
  last_line_ = line;
  for (last_ = 0; last_ < lines_.size(); ++last_)
    if (lines_[last_].line == line) return lines_[last_];
  return lines_.emplace_back(LineAccess{line, 0, 0});
}

void Coalescer::private_lanes(const simt::TracedAccess& access, simt::LaneMask mask,
                              std::size_t before, const PrivateWindow& window) {
  constexpr std::uint64_t kWord = 4;
  const std::uint64_t words = std::max<std::uint64_t>(1, access.bytes / kWord);
  if (window.stack != 0) {
    for_each_address(access, mask, before, [&](std::uint64_t address, std::uint64_t lane) {
      touch(window.base + (lane + 1) * window.stack - (isa::kPrivateTop - address), access.bytes,
            1);
    });
    return;
  }
  // Where a lane's word lies; later words of an access are nearer to the top of its stack.
  const auto place = [&](std::uint64_t address, std::uint64_t word, std::uint64_t lane) {
    const std::uint64_t first = (isa::kPrivateTop - 1 - address) / kWord;
    return window.base + ((first - std::min(first, word)) * window.lanes + lane) * kWord;
  };
  // A spilled register: one address for all lanes, whose words are neighbours within a line.
  const std::uint64_t row = window.lanes * kWord;
  const auto low = static_cast<std::uint64_t>(std::countr_zero(mask));
  if (access.shape == simt::Shape::kUniform && is_run(mask) &&
      row <= std::uint64_t{1} << geometry_.line_shift && window.base % row == 0) {
    const auto lanes = static_cast<std::uint32_t>(std::popcount(mask));
    for (std::uint64_t w = 0; w < words; ++w)
      touch(place(access.base, w, low), lanes * kWord, lanes);
    return;
  }
  for_each_address(access, mask, before, [&](std::uint64_t address, std::uint64_t lane) {
    for (std::uint64_t w = 0; w < words; ++w) touch(place(address, w, lane), kWord, 1);
  });
}

/// What some of an access's lanes touch; `before` of its active lanes came earlier.
void Coalescer::merge(const simt::TracedAccess& access, simt::LaneMask mask, std::size_t before,
                      const PrivateWindow& window) {
  if (is_private(first_address(access, mask, before)))
    return private_lanes(access, mask, before, window);
  const auto lanes = static_cast<std::uint64_t>(std::popcount(mask));
  if (access.shape == simt::Shape::kUniform) {
    touch(access.base, access.bytes, 1);
    lines_.back().operations = static_cast<std::uint32_t>(lanes);
  } else if (access.shape == simt::Shape::kAffine && is_run(mask) &&
             access.stride == access.bytes) {
    touch(first_address(access, mask), lanes * access.bytes, 1);
  } else {
    for_each_address(access, mask, before, [&](std::uint64_t address, std::uint64_t) {
      touch(address, access.bytes, 1);
    });
  }
}

/// Group by group: what one touches is not merged with what another does, and the accesses of a
/// group leave one after another.
void Coalescer::merge_groups(const simt::TracedAccess& access, simt::LaneMask mask,
                             const PrivateWindow& window) {
  const simt::LaneMask whole = (simt::LaneMask{1} << geometry_.group) - 1;
  for (simt::LaneMask left = mask; left != 0;) {
    const unsigned first =
        static_cast<unsigned>(std::countr_zero(left)) / geometry_.group * geometry_.group;
    group_begin_ = lines_.size();
    const auto before = static_cast<std::size_t>(std::popcount(mask & ~left));
    merge(access, left & whole << first, before, window);
    left &= ~(whole << first);
  }
  // Few, and nearly sorted: an insertion sort, which keeps the order of equals.
  for (auto it = lines_.begin(); it != lines_.end(); ++it) {
    const auto place = std::upper_bound(
        lines_.begin(), it, it->round,
        [](std::uint32_t round, const LineAccess& line) { return round < line.round; });
    std::rotate(place, it, std::next(it));
  }
}

std::span<const LineAccess> Coalescer::lines(const simt::TracedAccess& access, simt::LaneMask mask,
                                             const PrivateWindow& window,
                                             std::uint64_t program_base) {
  lines_.clear();
  last_line_ = kNoLine;
  group_begin_ = 0;
  if (geometry_.group < 64)
    merge_groups(access, mask, window);
  else
    merge(access, mask, 0, window);
  const std::uint64_t lowest = lines_.front().line;
  if (lowest < isa::kGlobalBase && !is_private(first_address(access, mask))) {
    for (LineAccess& each : lines_) each.line += program_base;
  }
  return lines_;
}

namespace {

constexpr std::uint64_t kBankWord = 4;

/// Whether the words lie so near together that each is in a bank of its own.
bool lie_in_one_row(const simt::TracedAccess& access, simt::LaneMask mask, std::uint32_t banks) {
  // Local memory is small: differences of 32 bits, of which a vector holds more.
  const std::uint64_t first = first_address(access, mask);
  std::int32_t below = 0, above = 0;
  for_each_address(access, mask, 0, [&](std::uint64_t address, std::uint64_t) {
    const auto distance = static_cast<std::int32_t>(address - first);
    below = std::min(below, distance);
    above = std::max(above, distance);
  });
  const auto at = [&](std::int32_t distance) {
    return first + static_cast<std::uint64_t>(std::int64_t{distance});
  };
  return (at(above) + access.bytes - 1) / kBankWord - at(below) / kBankWord < banks;
}

}  // namespace

bool is_local(const simt::TracedAccess& access, simt::LaneMask mask) {
  const std::uint64_t first = first_address(access, mask);
  return first >= isa::kLocalBase && first < isa::kLocalLimit;
}

std::uint32_t bank_cycles(const simt::TracedAccess& access, simt::LaneMask mask,
                          std::uint32_t banks, bool one_by_one) {
  constexpr std::uint8_t kNone = 255;
  const auto lanes = static_cast<std::uint32_t>(std::popcount(mask));
  if (access.shape == simt::Shape::kUniform) return one_by_one ? lanes : 1;
  // Neighbours: in a row of words, but for gaps, each bank has its turn.
  if (access.shape == simt::Shape::kAffine && access.stride == kBankWord &&
      access.bytes == kBankWord && is_run(mask))
    return (lanes + banks - 1) / banks;
  if (!one_by_one && lie_in_one_row(access, mask, banks)) return 1;
  // At most 64 lanes of two words; the distinct words seen in a bank form a chain. Only what has
  // been written is read: clearing the arrays would take longer than filling them.
  std::array<std::uint64_t, 128> words;
  std::array<std::uint8_t, 128> next;
  std::array<std::uint8_t, 256> head;
  std::array<std::uint8_t, 256> in_bank;
  std::fill_n(head.begin(), banks, kNone);
  std::fill_n(in_bank.begin(), banks, std::uint8_t{0});
  std::uint8_t count = 0;
  std::uint8_t most = 1;
  const bool power_of_two = std::has_single_bit(banks);
  const std::uint64_t per_lane = std::max<std::uint64_t>(1, access.bytes / kBankWord);
  for_each_address(access, mask, 0, [&](std::uint64_t address, std::uint64_t) {
    for (std::uint64_t w = 0; w < per_lane; ++w) {
      const std::uint64_t word = address / kBankWord + w;
      const std::uint64_t bank = power_of_two ? word & (banks - 1) : word % banks;
      std::uint8_t at = one_by_one ? kNone : head[bank];
      while (at != kNone && words[at] != word) at = next[at];
      if (at != kNone) continue;
      words[count] = word;
      next[count] = head[bank];
      head[bank] = count++;
      most = std::max(most, ++in_bank[bank]);
    }
  });
  return most;
}

}  // namespace isobar::timing
