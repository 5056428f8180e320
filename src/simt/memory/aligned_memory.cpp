#include "simt/memory/aligned_memory.h"

#include <sys/mman.h>

#include <map>
#include <mutex>
#include <new>

namespace isobar::simt {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMostKept = 256U << 20U;  // bytes that wait for their next use

/// Pieces that were given back, by size. It lives as long as the process, for a launch may end
/// while static objects are being destroyed.
struct Shelf {
  std::mutex mutex;
  std::multimap<std::size_t, std::byte*> pieces;
  std::size_t kept = 0;
};
Shelf& shelf() {
  static auto* the_shelf = new Shelf;  // NOLINT(cppcoreguidelines-owning-memory): see above
  return *the_shelf;
}

}  // namespace

void AlignedFree::operator()(std::byte* memory) const {
  Shelf& s = shelf();
  {
    const std::scoped_lock lock(s.mutex);
    if (s.kept + size <= kMostKept) {
      s.pieces.emplace(size, memory);
      s.kept += size;
      return;
    }
  }
  ::munmap(memory, size);
}

AlignedBytes aligned_bytes(std::size_t size) {
  const std::size_t rounded = (size + kPage) / kPage * kPage;  // never empty
  Shelf& s = shelf();
  {
    const std::scoped_lock lock(s.mutex);
    const auto found = s.pieces.lower_bound(rounded);
    if (found != s.pieces.end() && found->first <= 2 * rounded + (1U << 20U)) {
      AlignedBytes bytes(found->second, AlignedFree{found->first});
      s.kept -= found->first;
      s.pieces.erase(found);
      return bytes;
    }
  }
  // Pages come zeroed when they are touched; most of private memory never is.
  void* memory = ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return AlignedBytes(static_cast<std::byte*>(memory), AlignedFree{rounded});
}

}  // namespace isobar::simt
