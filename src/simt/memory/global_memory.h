// Global memory of the simulated chip: one arena in host memory, seen by guests at
// isa::kGlobalBase, with a table of allocations so that every access is checked to the byte. The
// arena lies at that same address in the host, if it is free there: a guest's pointer is then the
// host's, which is all that shared virtual memory needs.
// Thread safety: allocate and free take a lock; launches running meanwhile see a consistent table.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/units.h"

namespace isobar::simt {

class GlobalMemory {
 public:
  /// Reserves (does not touch) host address space for `capacity` bytes and for the gaps between
  /// buffers, which get smaller where it is limited. Throws UserError if the capacity does not fit.
  explicit GlobalMemory(Bytes capacity);
  ~GlobalMemory();
  GlobalMemory(const GlobalMemory&) = delete;
  GlobalMemory& operator=(const GlobalMemory&) = delete;

  /// Nothing when the arena is full. Contents are zero. Neighbours are far apart (64 bytes at
  /// least, MiBs while addresses last), so that a wild index is a fault and not a neighbour's data.
  [[nodiscard]] std::optional<DeviceAddress> allocate(Bytes size, Bytes alignment);
  void free(DeviceAddress address);

  /// The host's view of an allocated range. The caller vouches that the range is inside one
  /// allocation.
  [[nodiscard]] std::byte* host(DeviceAddress address) const;
  /// Whether guests and the host see global memory at the same addresses. They do not where
  /// something else lies there: a sanitizer's shadow memory, the program, another GlobalMemory.
  [[nodiscard]] bool is_shared() const;
  /// Whether a pointer of the host points into the arena, allocated or not.
  [[nodiscard]] bool contains(const void* pointer) const;
  /// Whether one allocation holds [address, address + size).
  [[nodiscard]] bool is_allocated(DeviceAddress address, Bytes size) const;
  [[nodiscard]] Bytes capacity() const;
  [[nodiscard]] Bytes used() const;
  /// How far apart neighbours are while addresses last; less than the usual where address space is
  /// limited.
  [[nodiscard]] Bytes gap() const;
  static constexpr Bytes kUsualGap{16ULL << 20};

  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace isobar::simt
