#include "isa/hart/sparse_memory.h"

#include <algorithm>
#include <cstring>

namespace isobar::isa {

void SparseMemory::map(std::uint64_t address, std::uint64_t size, bool readable, bool writable,
                       bool executable) {
  ranges_.push_back({address, size, readable, writable, executable});
}

void SparseMemory::share(SparseMemory& from, std::uint64_t address, std::uint64_t size,
                         bool writable, bool executable) {
  map(address, size, true, writable, executable);
  for (std::uint64_t page = address / kPageBytes; page <= (address + size - 1) / kPageBytes;
       ++page) {
    std::shared_ptr<Page>& shared = from.pages_[page];
    if (!shared) shared = std::make_shared<Page>();
    pages_[page] = shared;
  }
}

void SparseMemory::load(std::uint64_t address, std::span<const std::byte> content) {
  while (!content.empty()) {
    const std::uint64_t offset = address % kPageBytes;
    const std::uint64_t bytes = std::min<std::uint64_t>(kPageBytes - offset, content.size());
    std::shared_ptr<Page>& page = pages_[address / kPageBytes];
    if (!page) page = std::make_shared<Page>();
    std::memcpy(page->data() + offset, content.data(), bytes);
    content = content.subspan(bytes);
    address += bytes;
  }
}

bool SparseMemory::permits(std::uint64_t address, std::uint64_t size, Access access) const {
  // Ranges may touch, and an access may straddle two of them: follow it from one to the next.
  while (size != 0) {
    const auto range =
        std::ranges::find_if(ranges_, [&](const Range& r) { return address - r.address < r.size; });
    if (range == ranges_.end()) return false;
    const bool allowed = access == Access::kRead    ? range->readable
                         : access == Access::kWrite ? range->writable
                                                    : range->executable;
    if (!allowed) return false;
    const std::uint64_t here = std::min(size, range->size - (address - range->address));
    address += here;
    size -= here;
  }
  return true;
}

void SparseMemory::copy_out(std::uint64_t address, std::span<std::byte> to) const {
  while (!to.empty()) {
    const std::uint64_t offset = address % kPageBytes;
    const std::uint64_t bytes = std::min<std::uint64_t>(kPageBytes - offset, to.size());
    const auto page = pages_.find(address / kPageBytes);
    if (page == pages_.end()) {
      std::memset(to.data(), 0, bytes);
    } else {
      std::memcpy(to.data(), page->second->data() + offset, bytes);
    }
    to = to.subspan(bytes);
    address += bytes;
  }
}

bool SparseMemory::read(std::uint64_t address, unsigned size, Access access,
                        std::uint64_t& value) const {
  if (!permits(address, size, access)) return false;
  std::array<std::byte, 8> bytes{};
  copy_out(address, std::span(bytes).first(size));
  std::memcpy(&value, bytes.data(), sizeof value);
  return true;
}

bool SparseMemory::write(std::uint64_t address, unsigned size, std::uint64_t value) {
  if (!permits(address, size, Access::kWrite)) return false;
  std::array<std::byte, 8> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  load(address, std::span<const std::byte>(bytes).first(size));
  return true;
}

}  // namespace isobar::isa
