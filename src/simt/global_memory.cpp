#include "simt/global_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "isa/guest_abi.h"
#include "simt/global_memory_impl.h"

namespace isobar::simt {
namespace {

// Bytes between neighbours that belong to nobody: as many as make a wild index hit nothing, and
// still some when so many buffers exist that the addresses run short. Address space costs nothing.
constexpr std::uint64_t kWideGap = 16ULL << 20, kGap = 64;
constexpr std::uint64_t kWideGaps = 4096;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

}  // namespace

GlobalMemory::Impl::Range GlobalMemory::Impl::below(std::uint64_t offset) const {
  const std::shared_lock lock(mutex);
  auto next = allocations.upper_bound(offset);
  if (next == allocations.begin()) return {};
  --next;
  return {next->first, next->second};
}

GlobalMemory::GlobalMemory(Bytes capacity) : impl_(std::make_unique<Impl>()) {
  impl_->address_space = capacity.count() + kWideGaps * kWideGap;
  void* arena = ::mmap(nullptr, impl_->address_space, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (arena == MAP_FAILED) {
    fail(
        "cannot reserve {} MiB of address space for the chip's memory (raise `ulimit -v`, or lower "
        "dram.capacity in the chip file)",
        impl_->address_space >> 20U);
  }
  impl_->arena = static_cast<std::byte*>(arena);
  impl_->capacity = capacity;
}

GlobalMemory::~GlobalMemory() { ::munmap(impl_->arena, impl_->address_space); }

std::optional<std::uint64_t> GlobalMemory::Impl::place(std::uint64_t size, std::uint64_t align,
                                                       std::uint64_t gap) const {
  // First fit: the allocations are few (buffers), so walking them is cheap.
  std::uint64_t at = 0;
  for (const auto& [offset, length] : allocations) {
    if (at + size + gap <= offset) break;
    at = round_up(offset + length + gap, align);
  }
  if (size > address_space || at > address_space - size) return std::nullopt;
  return at;
}

std::optional<DeviceAddress> GlobalMemory::allocate(Bytes size, Bytes alignment) {
  const std::unique_lock lock(impl_->mutex);
  const std::uint64_t align = std::max<std::uint64_t>(alignment.count(), kGap);
  const std::uint64_t want = std::max<std::uint64_t>(size.count(), 1);
  if (want > (impl_->capacity - impl_->used).count()) return {};
  auto at = impl_->place(want, align, kWideGap);
  if (!at) at = impl_->place(want, align, kGap);
  if (!at) return {};
  impl_->allocations.emplace(*at, want);
  impl_->used += Bytes(want);
  return DeviceAddress(isa::kGlobalBase + *at);
}

void GlobalMemory::free(DeviceAddress address) {
  const std::unique_lock lock(impl_->mutex);
  const auto found = impl_->allocations.find(address.value() - isa::kGlobalBase);
  assert(found != impl_->allocations.end() && "freeing what was not allocated");
  if (found == impl_->allocations.end()) return;
  // Giving the pages back also makes them zero for whoever gets them next; the page at each end
  // may be shared with a neighbour, so those parts are cleared by hand.
  constexpr std::uint64_t kPage = 4096;
  std::byte* begin = impl_->arena + found->first;
  std::byte* end = begin + found->second;
  std::byte* first = impl_->arena + round_up(found->first, kPage);
  std::byte* last = impl_->arena + (found->first + found->second) / kPage * kPage;
  if (first < last) {
    std::fill(begin, first, std::byte{0});
    std::fill(last, end, std::byte{0});
    ::madvise(first, static_cast<std::size_t>(last - first), MADV_DONTNEED);
  } else {
    std::fill(begin, end, std::byte{0});
  }
  impl_->used -= Bytes(found->second);
  impl_->allocations.erase(found);
}

std::byte* GlobalMemory::host(DeviceAddress address) const {
  return impl_->arena + (address.value() - isa::kGlobalBase);
}
Bytes GlobalMemory::capacity() const { return impl_->capacity; }
Bytes GlobalMemory::used() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->used;
}

}  // namespace isobar::simt
