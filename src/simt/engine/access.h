// How loads, stores and atomics reach memory. The shape of the address decides: a uniform address
// is one access, an affine one whose stride is the access size is a plain vector copy, anything
// else goes lane by lane. Every access is checked against the region it falls in; the region an
// operation touched last is tried first. Private memory is interleaved by lane in words of four
// bytes, so that the same stack slot of all lanes is one vector.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine/common.h"

namespace isobar::simt::ISOBAR_ENGINE {

inline constexpr u64 kPrivateWord = 4;

ISOBAR_INLINE bool covers(const Region& region, u64 address, u64 size) {
  const u64 offset = address - region.low;
  return offset < region.size && region.size - offset >= size;
}

/// The region of an access, or null after reporting a fault at `lane`.
ISOBAR_INLINE const Region* region_of(const Operation* operation, Warp* warp, unsigned lane,
                                      u64 address, u64 size, bool is_store) {
  const Region* region = &warp->worker->cached[operation->self];
  if (!covers(*region, address, size)) [[unlikely]] {
    region = find_region(warp, operation->self, address, size);
    if (region == nullptr) {
      report_access(warp, operation->self, lane, address);
      return nullptr;
    }
  }
  const bool misaligned = (address & (operation->access - 1U)) != 0;
  if (misaligned || (is_store && !region->writable)) [[unlikely]] {
    report_access(warp, operation->self, lane, address);
    return nullptr;
  }
  return region;
}

ISOBAR_INLINE void count(Warp* warp, const Region& region, u64 bytes, u64 sectors, bool is_store) {
  MemoryCounts& counts = warp->worker->counts;
  const auto memory = static_cast<std::size_t>(region.memory);
  (is_store ? counts.store_bytes : counts.load_bytes)[memory] += bytes;
  if (region.memory == Memory::kGlobal) counts.global_sectors += sectors;
  if (region.memory == Memory::kLocal) counts.local_accesses += 1;
}

ISOBAR_INLINE u64 sectors_between(u64 first, u64 last) { return (last >> 5U) - (first >> 5U) + 1; }

/// Distinct sectors of addresses that lie anywhere: a table with linear probing, never more than
/// half full.
template <unsigned W>
__attribute__((noinline)) u64 distinct_scattered_sectors(const u64* address) {
  u64 slots[128] = {};
  u64 distinct = 0;
  for (unsigned l = 0; l < W; ++l) {
    const u64 sector = (address[l] >> 5U) + 1;
    u64 slot = sector * 0x9e3779b97f4a7c15ULL >> 57U;
    while (slots[slot] != 0 && slots[slot] != sector) slot = (slot + 1) % 128;
    distinct += slots[slot] == 0 ? 1 : 0;
    slots[slot] = sector;
  }
  return distinct;
}

/// The least and the greatest of W addresses.
template <unsigned W>
ISOBAR_INLINE void bounds(const u64* address, u64& least, u64& greatest) {
  U64x8 low = load<U64x8>(address);
  U64x8 high = low;
  for (unsigned c = 1; c < W / 8; ++c) {
    low = __builtin_elementwise_min(low, load<U64x8>(address + 8 * c));
    high = __builtin_elementwise_max(high, load<U64x8>(address + 8 * c));
  }
  least = __builtin_reduce_min(low);
  greatest = __builtin_reduce_max(high);
}

/// Distinct 32-byte sectors among W addresses (accesses are aligned, so each lies in one). Close
/// together they are bits of a set.
template <unsigned W>
ISOBAR_INLINE u64 distinct_sectors(const u64* address, u64 least, u64 greatest) {
  const u64 first = least >> 5U;
  const u64 span = (greatest >> 5U) - first;
  if (span < 64) {
    U64x8 bits(0);
    for (unsigned c = 0; c < W / 8; ++c)
      bits |= U64x8(1) << ((load<U64x8>(address + 8 * c) >> U64x8(5)) - U64x8(first));
    return static_cast<u64>(__builtin_popcountll(__builtin_reduce_or(bits)));
  }
  constexpr u64 kWords = 64;
  if (span >= 64 * kWords) return distinct_scattered_sectors<W>(address);
  u64 set[kWords] = {};
  u64 distinct = 0;
  for (unsigned l = 0; l < W; ++l) {
    const u64 sector = (address[l] >> 5U) - first;
    const u64 bit = u64{1} << (sector & 63U);
    distinct += (set[sector >> 6U] & bit) == 0 ? 1 : 0;
    set[sector >> 6U] |= bit;
  }
  return distinct;
}

/// Where one lane's piece of private memory lies. Pieces of eight bytes are two words apart by a
/// whole row, so they are moved in halves.
template <unsigned W, class T>
ISOBAR_INLINE T load_private(const Warp* warp, const Region& region, u64 address, unsigned lane) {
  const u64 offset = address - region.low;
  const std::byte* at = warp->private_store + ((offset / kPrivateWord) * W + lane) * kPrivateWord +
                        offset % kPrivateWord;
  T value;
  if constexpr (sizeof(T) == 8) {
    std::memcpy(&value, at, 4);
    std::memcpy(reinterpret_cast<std::byte*>(&value) + 4, at + W * kPrivateWord, 4);
  } else {
    std::memcpy(&value, at, sizeof value);
  }
  return value;
}
template <unsigned W, class T>
ISOBAR_INLINE void store_private(Warp* warp, const Region& region, u64 address, unsigned lane,
                                 T value) {
  const u64 offset = address - region.low;
  std::byte* at = warp->private_store + ((offset / kPrivateWord) * W + lane) * kPrivateWord +
                  offset % kPrivateWord;
  if constexpr (sizeof(T) == 8) {
    std::memcpy(at, &value, 4);
    std::memcpy(at + W * kPrivateWord, reinterpret_cast<const std::byte*>(&value) + 4, 4);
  } else {
    std::memcpy(at, &value, sizeof value);
  }
}

/// The same stack slot of all lanes, which is one row of words (two for eight bytes).
template <unsigned W, class T>
ISOBAR_INLINE std::byte* private_row(Warp* warp, const Region& region, u64 address) {
  return warp->private_store + (address - region.low) / kPrivateWord * (W * kPrivateWord);
}
template <unsigned W, class T>
ISOBAR_INLINE void load_private_row(Warp* warp, const Region& region, u64 address, T* values) {
  if constexpr (sizeof(T) < kPrivateWord) {
    for (unsigned l = 0; l < W; ++l) values[l] = load_private<W, T>(warp, region, address, l);
  } else {
    const std::byte* row = private_row<W, T>(warp, region, address);
    if constexpr (sizeof(T) == kPrivateWord) {
      std::memcpy(values, row, W * sizeof(T));
    } else {
      for (unsigned c = 0; c < W / 8; ++c) {
        const U64x8 low = __builtin_convertvector(load<U32x8>(row + 32 * c), U64x8);
        const U64x8 high =
            __builtin_convertvector(load<U32x8>(row + W * kPrivateWord + 32 * c), U64x8);
        store(values + 8 * c, low | (high << U64x8(32)));
      }
    }
  }
}
template <unsigned W, bool M, class T>
ISOBAR_INLINE void store_private_row(Warp* warp, const Region& region, u64 address,
                                     const T* values) {
  if constexpr (M || sizeof(T) < kPrivateWord) {
    for (unsigned l = 0; l < W; ++l) {
      if ((warp->mask >> l & 1U) != 0) store_private<W, T>(warp, region, address, l, values[l]);
    }
  } else {
    std::byte* row = private_row<W, T>(warp, region, address);
    if constexpr (sizeof(T) == kPrivateWord) {
      std::memcpy(row, values, W * sizeof(T));
    } else {
      for (unsigned c = 0; c < W / 8; ++c) {
        const U64x8 both = load<U64x8>(values + 8 * c);
        store(row + 32 * c, __builtin_convertvector(both, U32x8));
        store(row + W * kPrivateWord + 32 * c, __builtin_convertvector(both >> U64x8(32), U32x8));
      }
    }
  }
}

ISOBAR_INLINE unsigned first_lane(const Warp* warp) {
  return static_cast<unsigned>(__builtin_ctzll(warp->mask));
}
ISOBAR_INLINE unsigned last_lane(const Warp* warp) {
  return 63U - static_cast<unsigned>(__builtin_clzll(warp->mask));
}
template <unsigned W>
inline constexpr LaneMask kAllLanes = W == 64 ? ~LaneMask{0} : (LaneMask{1} << (W % 64)) - 1;

/// The addresses of the running lanes; the other lanes get that of the first running one, so that
/// every address is one that the program means.
template <unsigned W, bool M>
ISOBAR_INLINE const u64* addresses(const Operation* operation, Warp* warp, u64* scratch) {
  if (warp->shape[operation->rs1] == Shape::kVector) {
    const u64* base = x_lanes<W>(warp, operation->rs1);
    const U64x8 offset(static_cast<u64>(operation->immediate));
    for (unsigned c = 0; c < W / 8; ++c) store(scratch + 8 * c, load<U64x8>(base + 8 * c) + offset);
  } else {
    expand_to<W>(scratch, warp->base[operation->rs1] + static_cast<u64>(operation->immediate),
                 warp->stride[operation->rs1]);
  }
  if (M || warp->mask != kAllLanes<W>) {
    const U64x8 first(scratch[first_lane(warp)]);
    for (unsigned c = 0; c < W / 8; ++c) {
      const I64x8 chosen = spread8(warp->mask >> (8 * c));
      store(scratch + 8 * c, chosen ? load<U64x8>(scratch + 8 * c) : first);
    }
  }
  return scratch;
}

/// The region all lanes' accesses fall into, if it is the one the operation touched last, not
/// private, and nothing is wrong with any of them; else null, and each lane must be looked at.
template <unsigned W, class T>
ISOBAR_INLINE const Region* common_region(const Operation* operation, Warp* warp,
                                          const u64* address, bool is_store) {
  const Region& region = warp->worker->cached[operation->self];
  if (region.size < sizeof(T) || region.memory == Memory::kPrivate ||
      (is_store && !region.writable)) [[unlikely]]
    return nullptr;
  const U64x8 low(region.low);
  const U64x8 last(region.size - sizeof(T));
  I64x8 wrong(0);
  for (unsigned c = 0; c < W / 8; ++c) {
    const U64x8 at = load<U64x8>(address + 8 * c);
    wrong |= ((at - low) > last) | ((at & U64x8(sizeof(T) - 1)) != U64x8(0));
  }
  if (bits_of(wrong) != 0) [[unlikely]]
    return nullptr;
  u64 sectors = 0;
  if (region.memory == Memory::kGlobal) {
    u64 least;
    u64 greatest;
    bounds<W>(address, least, greatest);
    sectors = distinct_sectors<W>(address, least, greatest);
  }
  count(warp, region, sizeof(T) * static_cast<u64>(warp->active), sectors, is_store);
  return &region;
}

/// Loads W values. Rows of a tile are common, so neighbours that read one address or consecutive
/// ones are not gathered.
template <unsigned W, class T>
ISOBAR_INLINE void gather(const std::byte* host, const u64* address, T* values) {
  for (unsigned c = 0; c < W / 8; ++c) {
    const U64x8 at = load<U64x8>(address + 8 * c);
    const U64x8 distance = at - U64x8(at[0]);
    T* to = values + 8 * c;
    if (bits_of(distance != U64x8(0)) == 0) {
      T value;
      std::memcpy(&value, host + at[0], sizeof value);
      store(to, Vector<T, 8>(value));
    } else if (bits_of(distance != iota8() * U64x8(sizeof(T))) == 0) {
      std::memcpy(to, host + at[0], 8 * sizeof(T));
    } else {
      for (unsigned l = 0; l < 8; ++l) std::memcpy(&to[l], host + address[8 * c + l], sizeof(T));
    }
  }
}

/// Lane by lane: `visit(region, address, lane)` for each running lane, in order. False on a fault.
template <unsigned W, class Visit>
ISOBAR_INLINE bool each_lane(const Operation* operation, Warp* warp, const u64* address,
                             bool is_store, Visit&& visit) {
  u64 bytes[kMemories] = {};
  Region region;  // a copy: the cached one may be replaced on the way
  for (LaneMask left = warp->mask; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(__builtin_ctzll(left));
    if (!covers(region, address[lane], operation->access) ||
        (address[lane] & (operation->access - 1U)) != 0 || (is_store && !region.writable)) {
      const Region* found =
          region_of(operation, warp, lane, address[lane], operation->access, is_store);
      if (found == nullptr) return false;
      region = *found;
    }
    visit(region, address[lane], lane);
    bytes[static_cast<std::size_t>(region.memory)] += operation->access;
  }
  MemoryCounts& counts = warp->worker->counts;
  for (std::size_t m = 0; m < kMemories; ++m)
    (is_store ? counts.store_bytes : counts.load_bytes)[m] += bytes[m];
  if (bytes[static_cast<std::size_t>(Memory::kLocal)] != 0) counts.local_accesses += 1;
  if (bytes[static_cast<std::size_t>(Memory::kGlobal)] != 0) {
    u64 least;
    u64 greatest;
    bounds<W>(address, least, greatest);
    counts.global_sectors += distinct_sectors<W>(address, least, greatest);
  }
  return true;
}

/// Whether the running lanes are neighbours.
template <unsigned W, bool M>
ISOBAR_INLINE bool is_run(const Warp* warp) {
  if (!M && warp->mask == kAllLanes<W>) return true;
  const LaneMask shifted = warp->mask >> first_lane(warp);
  return (shifted & (shifted + 1)) == 0;
}

/// Counts an access of a run of lanes, each at `base` (of lane 0) plus its number times its size.
template <unsigned W, bool M, class T>
ISOBAR_INLINE void count_run(Warp* warp, const Region& region, u64 base, bool is_store) {
  const u64 first = base + first_lane(warp) * sizeof(T);
  const u64 bytes = static_cast<u64>(warp->active) * sizeof(T);
  count(warp, region, bytes, sectors_between(first, first + bytes - 1), is_store);
}

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
