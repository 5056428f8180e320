#include "timing/core/fetch/instruction_fetch.h"

#include <algorithm>
#include <utility>

namespace isobar::timing {

InstructionFetch::InstructionFetch(const chip::Chip& chip)
    : prefetch_(chip.icache.prefetch),
      line_bytes_(chip.icache.line.count()),
      memory_line_(chip.l2.line.count()),
      memory_sector_(chip.l2.sector.count()),
      tags_(chip.icache.size, chip.icache.line, chip.icache.ways) {}

std::span<const InstructionFetch::Request> InstructionFetch::miss(std::uint32_t warp,
                                                                  std::uint64_t address,
                                                                  std::uint64_t last) {
  requests_.clear();
  fetch_of(address).warps.push_back(warp);
  for (std::uint32_t ahead = 1; ahead <= prefetch_; ++ahead) {
    const std::uint64_t next = address + ahead * line_bytes_;
    if (next > last) break;
    if (!has(next)) fetch_of(next);
  }
  return requests_;
}

InstructionFetch::Fetch& InstructionFetch::fetch_of(std::uint64_t address) {
  const auto found = std::ranges::find(on_their_way_, address, &Fetch::address);
  if (found != on_their_way_.end()) return *found;
  const std::uint64_t line = address / memory_line_ * memory_line_;
  const auto first = (address - line) / memory_sector_;
  const auto count = std::min((line_bytes_ + memory_sector_ - 1) / memory_sector_,
                              memory_line_ / memory_sector_ - first);
  const auto sectors = static_cast<std::uint32_t>(((std::uint64_t{1} << count) - 1) << first);
  requests_.push_back({line, sectors, address});
  return on_their_way_.emplace_back(Fetch{address, {}});
}

std::vector<std::uint32_t> InstructionFetch::arrive(std::uint64_t address) {
  const auto found = std::ranges::find(on_their_way_, address, &Fetch::address);
  std::vector<std::uint32_t> warps = std::move(found->warps);
  on_their_way_.erase(found);
  TagArray::Line evicted;
  tags_.insert(address, evicted).valid = 1;
  return warps;
}

}  // namespace isobar::timing
