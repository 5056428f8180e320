#include "simt/memory/global_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <fstream>

#include "base/error.h"
#include "isa/guest_abi.h"
#include "simt/memory/global_memory_impl.h"

namespace isobar::simt {
namespace {

// Bytes between neighbours that belong to nobody: as many as make a wild index hit nothing, and
// still some when so many buffers exist that the addresses run short. Address space costs nothing.
constexpr std::uint64_t kGap = 64;
constexpr std::uint64_t kWideGaps = 4096;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

/// Address space that this process may still take, under the limit that `ulimit -v` sets; a part
/// is left for threads, libraries and the program's own memory.
std::uint64_t room_for_memory() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return ~std::uint64_t{0};
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;  // the first number: size of the address space
  const std::uint64_t taken = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t left = limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, taken);
  return left - std::min(left, std::max<std::uint64_t>(left / 4, 1ULL << 30U));
}

/// Address space for the arena, at guests' own addresses if nothing lies there yet; else anywhere,
/// or MAP_FAILED. Linux before 4.17 takes the place for a hint, which comes to the same.
void* reserve(std::uint64_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the place is what matters
  auto* wanted = reinterpret_cast<void*>(isa::kGlobalBase);
  void* arena = ::mmap(wanted, size, PROT_READ | PROT_WRITE, kFlags | MAP_FIXED_NOREPLACE, -1, 0);
  if (arena != MAP_FAILED) return arena;
  return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, kFlags, -1, 0);
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
  const std::uint64_t room = room_for_memory();
  impl_->capacity = capacity;
  impl_->gap = kUsualGap.count();
  // The gaps are what can be done without.
  for (void* arena = MAP_FAILED;; impl_->gap /= 2) {
    impl_->address_space = capacity.count() + kWideGaps * impl_->gap;
    if (impl_->address_space <= room) arena = reserve(impl_->address_space);
    if (arena != MAP_FAILED) {
      impl_->arena = static_cast<std::byte*>(arena);
      return;
    }
    if (impl_->gap == kGap) break;
  }
  if (room < impl_->address_space)
    fail(
        "the chip's memory needs {} MiB of address space, but only {} MiB are left for it (raise "
        "`ulimit -v`, or lower dram.capacity in the chip file)",
        impl_->address_space >> 20U, room >> 20U);
  fail(
      "the system does not give {} MiB of address space for the chip's memory (lower dram.capacity "
      "in the chip file)",
      impl_->address_space >> 20U);
}

GlobalMemory::~GlobalMemory() { ::munmap(impl_->arena, impl_->address_space); }

std::optional<std::uint64_t> GlobalMemory::Impl::place(std::uint64_t size, std::uint64_t align,
                                                       std::uint64_t apart) const {
  // First fit: the allocations are few (buffers), so walking them is cheap.
  std::uint64_t at = 0;
  for (const auto& [offset, length] : allocations) {
    if (at + size + apart <= offset) break;
    at = round_up(offset + length + apart, align);
  }
  if (size > address_space || at > address_space - size) return std::nullopt;
  return at;
}

std::optional<DeviceAddress> GlobalMemory::allocate(Bytes size, Bytes alignment) {
  const std::unique_lock lock(impl_->mutex);
  const std::uint64_t align = std::max<std::uint64_t>(alignment.count(), kGap);
  const std::uint64_t want = std::max<std::uint64_t>(size.count(), 1);
  if (want > (impl_->capacity - impl_->used).count()) return {};
  auto at = impl_->place(want, align, impl_->gap);
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
bool GlobalMemory::is_shared() const {
  return host(DeviceAddress(isa::kGlobalBase)) ==
         reinterpret_cast<const std::byte*>(isa::kGlobalBase);  // NOLINT(performance-no-int-to-ptr)
}
bool GlobalMemory::contains(const void* pointer) const {
  const auto at = reinterpret_cast<std::uintptr_t>(pointer);
  const auto arena = reinterpret_cast<std::uintptr_t>(impl_->arena);
  return at >= arena && at - arena < impl_->address_space;
}
bool GlobalMemory::is_allocated(DeviceAddress address, Bytes size) const {
  if (address.value() < isa::kGlobalBase) return false;
  const std::uint64_t offset = address.value() - isa::kGlobalBase;
  const Impl::Range range = impl_->below(offset);
  const std::uint64_t skipped = offset - range.offset;
  return skipped <= range.size && size.count() <= range.size - skipped;
}
Bytes GlobalMemory::gap() const { return Bytes(impl_->gap); }
Bytes GlobalMemory::capacity() const { return impl_->capacity; }
Bytes GlobalMemory::used() const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->used;
}

}  // namespace isobar::simt
