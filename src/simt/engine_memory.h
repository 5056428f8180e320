// Loads, stores and atomics. The shape of the address decides: a uniform address is one access, an
// affine one whose stride is the access size is a plain vector copy, anything else goes lane by
// lane. Every access is checked against the region it falls in; the region an operation touched
// last is tried first. Private memory is interleaved by lane in words of four bytes, so that the
// same stack slot of all lanes is one vector.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine_common.h"

namespace isobar::simt::ISOBAR_ENGINE {

inline constexpr u64 kPrivateWord = 4;

ISOBAR_INLINE bool covers(const Region& region, u64 address, u64 size) {
  const u64 offset = address - region.low;
  return offset < region.size && region.size - offset >= size;
}

/// The region of an access, or null after reporting a fault at `lane`.
ISOBAR_INLINE const Region* region_of(const Operation* operation, Warp* warp, unsigned lane,
                                      u64 address, u64 size, bool is_store) {
  const Region* region = &warp->core->cached[operation->self];
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
  MemoryCounts& counts = warp->core->counts;
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
  const Region& region = warp->core->cached[operation->self];
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
  MemoryCounts& counts = warp->core->counts;
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

// ---- loads ------------------------------------------------------------------------------------

/// What a load leaves in a register: integers extended to 64 bits, singles packed, the rest raw.
template <unsigned W, bool M, class T>
ISOBAR_INLINE void write_loaded_uniform(Warp* warp, unsigned rd, T value) {
  if constexpr (std::is_same_v<T, float>) {
    write_uniform_single<W, M>(warp, rd, F32x16(value));
  } else if constexpr (std::is_same_v<T, double>) {
    write_uniform_raw<W, M>(warp, rd, F64x8(value));
  } else {
    write_uniform<W, M>(warp, rd, static_cast<u64>(static_cast<i64>(value)));
  }
}

template <unsigned W, bool M, class T>
ISOBAR_INLINE void write_loaded_lanes(Warp* warp, unsigned rd, const T* from) {
  if constexpr (std::is_same_v<T, float>) {
    write_singles<W, M>(warp, rd, [&](unsigned c) { return load<F32x16>(from + 16 * c); });
  } else if constexpr (std::is_same_v<T, double>) {
    write_doubles<W, M>(warp, rd, [&](unsigned c) { return load<F64x8>(from + 8 * c); });
  } else {
    u64* d = vector_destination<W, M>(warp, rd);
    for (unsigned c = 0; c < W / 8; ++c) {
      put8<M>(warp, d, c, __builtin_convertvector(load<Vector<T, 8>>(from + 8 * c), U64x8));
    }
  }
}

template <unsigned W, bool M, class T>
ISOBAR_INLINE bool load_by_lane(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  alignas(64) T values[W] = {};
  const u64* address = addresses<W, M>(operation, warp, scratch);
  if (const Region* region = common_region<W, T>(operation, warp, address, false)) [[likely]] {
    const std::byte* host = region->host - region->low;
    gather<W, T>(host, address, values);
    write_loaded_lanes<W, M, T>(warp, operation->rd, values);
    return true;
  }
  const bool good = each_lane<W>(
      operation, warp, address, false, [&](const Region& region, u64 at, unsigned lane) {
        if (region.memory == Memory::kPrivate) {
          values[lane] = load_private<W, T>(warp, region, at, lane);
        } else {
          std::memcpy(&values[lane], region.host + (at - region.low), sizeof(T));
        }
      });
  if (good) write_loaded_lanes<W, M, T>(warp, operation->rd, values);
  return good;
}

template <unsigned W, bool M, class T>
ISOBAR_HANDLER void load_register(const Operation* operation, Warp* warp) {
  const u64 address = warp->base[operation->rs1] + static_cast<u64>(operation->immediate);
  const Shape shape = warp->shape[operation->rs1];
  if (shape == Shape::kUniform) {
    const Region* region = region_of(operation, warp, first_lane(warp), address, sizeof(T), false);
    if (region == nullptr) return stop_at_fault(operation, warp);
    count(warp, *region, sizeof(T) * static_cast<u64>(warp->active), 1, false);
    if (region->memory == Memory::kPrivate) {
      alignas(64) T values[W];
      load_private_row<W, T>(warp, *region, address, values);
      write_loaded_lanes<W, M, T>(warp, operation->rd, values);
      ISOBAR_NEXT;
    }
    T value;
    std::memcpy(&value, region->host + (address - region->low), sizeof value);
    write_loaded_uniform<W, M, T>(warp, operation->rd, value);
    ISOBAR_NEXT;
  }
  if (shape == Shape::kAffine && warp->stride[operation->rs1] == sizeof(T) && is_run<W, M>(warp)) {
    const Region& region = warp->core->cached[operation->self];
    if (covers(region, address, W * sizeof(T)) && address % sizeof(T) == 0 &&
        region.memory != Memory::kPrivate) [[likely]] {
      count_run<W, M, T>(warp, region, address, false);
      write_loaded_lanes<W, M, T>(warp, operation->rd,
                                  reinterpret_cast<const T*>(region.host + (address - region.low)));
      ISOBAR_NEXT;
    }
  }
  if (!load_by_lane<W, M, T>(operation, warp)) return stop_at_fault(operation, warp);
  ISOBAR_NEXT;
}

// ---- stores -----------------------------------------------------------------------------------

/// The values to store: T is the memory type, floats from float registers, integers from integer
/// ones.
template <unsigned W, class T>
ISOBAR_INLINE void stored_lanes(Warp* warp, unsigned rs2, T* out) {
  if constexpr (std::is_same_v<T, float>) {
    // fsw stores the low word whatever the box, so raw registers are read as they are.
    if (is_single(warp->float_shape[rs2])) {
      alignas(64) float scratch[W];
      const Singles<W> from = singles<W>(warp, rs2, scratch);
      for (unsigned c = 0; c < W / 16; ++c) store(out + 16 * c, from.chunk(c));
    } else {
      alignas(64) u64 raw[W];
      raw_lanes<W>(warp, rs2, raw);
      for (unsigned l = 0; l < W; ++l)
        out[l] = __builtin_bit_cast(float, static_cast<std::uint32_t>(raw[l]));
    }
  } else if constexpr (std::is_same_v<T, double>) {
    alignas(64) u64 raw[W];
    raw_lanes<W>(warp, rs2, raw);
    std::memcpy(out, raw, sizeof raw);
  } else {
    alignas(64) u64 scratch[W];
    const u64* from = view<W>(warp, rs2, scratch);
    for (unsigned c = 0; c < W / 8; ++c)
      store(out + 8 * c, __builtin_convertvector(load<U64x8>(from + 8 * c), Vector<T, 8>));
  }
}

template <unsigned W, bool M, class T>
ISOBAR_HANDLER void store_register(const Operation* operation, Warp* warp) {
  alignas(64) T values[W];
  stored_lanes<W, T>(warp, operation->rs2, values);
  const u64 base = warp->base[operation->rs1] + static_cast<u64>(operation->immediate);
  const Shape shape = warp->shape[operation->rs1];
  if (shape == Shape::kUniform) {
    const Region* region = region_of(operation, warp, first_lane(warp), base, sizeof(T), true);
    if (region == nullptr) return stop_at_fault(operation, warp);
    count(warp, *region, sizeof(T) * static_cast<u64>(warp->active), 1, true);
    if (region->memory == Memory::kPrivate) {
      store_private_row<W, M, T>(warp, *region, base, values);
    } else {  // all lanes at one address: the highest one wins, always
      std::memcpy(region->host + (base - region->low), &values[last_lane(warp)], sizeof(T));
    }
    ISOBAR_NEXT;
  }
  if (shape == Shape::kAffine && warp->stride[operation->rs1] == sizeof(T) && is_run<W, M>(warp)) {
    const Region& region = warp->core->cached[operation->self];
    const u64 skipped = M ? first_lane(warp) : 0;
    const u64 bytes = static_cast<u64>(warp->active) * sizeof(T);
    const u64 begin = base + skipped * sizeof(T);
    if (covers(region, begin, bytes) && base % sizeof(T) == 0 && region.writable &&
        region.memory != Memory::kPrivate) [[likely]] {
      count_run<W, M, T>(warp, region, base, true);
      std::byte* to = region.host + (begin - region.low);
      if (warp->active == W)
        std::memcpy(to, values, sizeof values);
      else
        std::memcpy(to, values + skipped, bytes);
      ISOBAR_NEXT;
    }
  }
  alignas(64) u64 scratch[W];
  const u64* address = addresses<W, M>(operation, warp, scratch);
  if (const Region* region = common_region<W, T>(operation, warp, address, true)) [[likely]] {
    std::byte* host = region->host - region->low;
    for (LaneMask left = warp->mask; left != 0; left &= left - 1) {  // the highest lane wins
      const auto lane = static_cast<unsigned>(__builtin_ctzll(left));
      std::memcpy(host + address[lane], &values[lane], sizeof(T));
    }
    ISOBAR_NEXT;
  }
  const bool good = each_lane<W>(
      operation, warp, address, true, [&](const Region& region, u64 at, unsigned lane) {
        if (region.memory == Memory::kPrivate) {
          store_private<W, T>(warp, region, at, lane, values[lane]);
        } else {
          std::memcpy(region.host + (at - region.low), &values[lane], sizeof(T));
        }
      });
  if (!good) return stop_at_fault(operation, warp);
  ISOBAR_NEXT;
}

// ---- half precision ---------------------------------------------------------------------------

template <unsigned W, bool M>
ISOBAR_HANDLER void load_half(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  alignas(64) u64 values[W] = {};
  const u64* address = addresses<W, M>(operation, warp, scratch);
  const bool good = each_lane<W>(
      operation, warp, address, false, [&](const Region& region, u64 at, unsigned lane) {
        std::uint16_t half;
        if (region.memory == Memory::kPrivate) {
          half = load_private<W, std::uint16_t>(warp, region, at, lane);
        } else {
          std::memcpy(&half, region.host + (at - region.low), sizeof half);
        }
        values[lane] = 0xffffffffffff0000ULL | half;
      });
  if (!good) return stop_at_fault(operation, warp);
  write_doubles<W, M>(warp, operation->rd, [&](unsigned c) { return load<F64x8>(values + 8 * c); });
  ISOBAR_NEXT;
}

template <unsigned W, bool M>
ISOBAR_HANDLER void store_half(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  alignas(64) u64 values[W];
  raw_lanes<W>(warp, operation->rs2, values);
  const u64* address = addresses<W, M>(operation, warp, scratch);
  const bool good = each_lane<W>(
      operation, warp, address, true, [&](const Region& region, u64 at, unsigned lane) {
        const auto half = static_cast<std::uint16_t>(values[lane]);
        if (region.memory == Memory::kPrivate) {
          store_private<W, std::uint16_t>(warp, region, at, lane, half);
        } else {
          std::memcpy(region.host + (at - region.low), &half, sizeof half);
        }
      });
  if (!good) return stop_at_fault(operation, warp);
  ISOBAR_NEXT;
}

// ---- atomics ----------------------------------------------------------------------------------
//
// Lanes take their turns in order. Global memory is shared with other host threads and uses the
// host's atomics; local memory belongs to one host thread and private memory to one hart. LR
// remembers the value it saw and SC stores if it is still there: a value that changed and changed
// back in between is not noticed (the specification would let SC fail; no program can rely on it).

enum class Amo : std::uint8_t { kSwap, kAdd, kXor, kAnd, kOr, kMin, kMax, kMinu, kMaxu };

template <Amo Kind, class U>
ISOBAR_INLINE U combine(U old, U operand) {
  using S = std::make_signed_t<U>;
  if constexpr (Kind == Amo::kSwap) return operand;
  if constexpr (Kind == Amo::kAdd) return static_cast<U>(old + operand);
  if constexpr (Kind == Amo::kXor) return old ^ operand;
  if constexpr (Kind == Amo::kAnd) return old & operand;
  if constexpr (Kind == Amo::kOr) return old | operand;
  if constexpr (Kind == Amo::kMin)
    return static_cast<S>(old) < static_cast<S>(operand) ? old : operand;
  if constexpr (Kind == Amo::kMax)
    return static_cast<S>(old) > static_cast<S>(operand) ? old : operand;
  if constexpr (Kind == Amo::kMinu) return old < operand ? old : operand;
  return old > operand ? old : operand;
}

template <Amo Kind, class U>
ISOBAR_INLINE U atomic_update(U* at, U operand) {
  if constexpr (Kind == Amo::kSwap) return __atomic_exchange_n(at, operand, __ATOMIC_SEQ_CST);
  if constexpr (Kind == Amo::kAdd) return __atomic_fetch_add(at, operand, __ATOMIC_SEQ_CST);
  U old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &old, combine<Kind>(old, operand), true, __ATOMIC_SEQ_CST,
                                      __ATOMIC_RELAXED)) {}
  return old;
}

template <unsigned W, bool M, Amo Kind, class U>
ISOBAR_HANDLER void atomic(const Operation* operation, Warp* warp) {
  alignas(64) u64 address_scratch[W];
  alignas(64) u64 scratch[W];
  alignas(64) u64 result[W] = {};
  const u64* address = addresses<W, M>(operation, warp, address_scratch);
  const u64* operand = view<W>(warp, operation->rs2, scratch);
  const bool good = each_lane<W>(
      operation, warp, address, true, [&](const Region& region, u64 at, unsigned lane) {
        const auto value = static_cast<U>(operand[lane]);
        U old;
        if (region.memory == Memory::kPrivate) {
          old = load_private<W, U>(warp, region, at, lane);
          store_private<W, U>(warp, region, at, lane, combine<Kind>(old, value));
        } else {
          auto* host = reinterpret_cast<U*>(region.host + (at - region.low));
          if (region.memory == Memory::kLocal) {
            old = *host;
            *host = combine<Kind>(old, value);
          } else {
            old = atomic_update<Kind>(host, value);
          }
        }
        result[lane] = static_cast<u64>(static_cast<i64>(static_cast<std::make_signed_t<U>>(old)));
      });
  if (!good) return stop_at_fault(operation, warp);
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, load<U64x8>(result + 8 * c));
  ISOBAR_NEXT;
}

inline constexpr u64 kNotReserved = ~u64{0};

template <unsigned W, bool M, class U>
ISOBAR_HANDLER void load_reserved(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  alignas(64) u64 result[W] = {};
  const u64* address = addresses<W, M>(operation, warp, scratch);
  const bool good = each_lane<W>(
      operation, warp, address, false, [&](const Region& region, u64 at, unsigned lane) {
        const U value =
            region.memory == Memory::kPrivate
                ? load_private<W, U>(warp, region, at, lane)
                : __atomic_load_n(reinterpret_cast<const U*>(region.host + (at - region.low)),
                                  __ATOMIC_SEQ_CST);
        result[lane] =
            static_cast<u64>(static_cast<i64>(static_cast<std::make_signed_t<U>>(value)));
        warp->reservation[lane] = at;
        warp->reserved_value[lane] = value;
      });
  if (!good) return stop_at_fault(operation, warp);
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, load<U64x8>(result + 8 * c));
  ISOBAR_NEXT;
}

template <unsigned W, bool M, class U>
ISOBAR_HANDLER void store_conditional(const Operation* operation, Warp* warp) {
  alignas(64) u64 address_scratch[W];
  alignas(64) u64 scratch[W];
  alignas(64) u64 failed[W] = {};
  const u64* address = addresses<W, M>(operation, warp, address_scratch);
  const u64* operand = view<W>(warp, operation->rs2, scratch);
  const bool good = each_lane<W>(
      operation, warp, address, true, [&](const Region& region, u64 at, unsigned lane) {
        auto expected = static_cast<U>(warp->reserved_value[lane]);
        const auto value = static_cast<U>(operand[lane]);
        bool stored = false;
        if (warp->reservation[lane] == at) {
          if (region.memory == Memory::kPrivate) {
            stored = true;
            store_private<W, U>(warp, region, at, lane, value);
          } else {
            auto* host = reinterpret_cast<U*>(region.host + (at - region.low));
            stored = __atomic_compare_exchange_n(host, &expected, value, false, __ATOMIC_SEQ_CST,
                                                 __ATOMIC_SEQ_CST);
          }
        }
        warp->reservation[lane] = kNotReserved;
        failed[lane] = stored ? 0 : 1;
      });
  if (!good) return stop_at_fault(operation, warp);
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, load<U64x8>(failed + 8 * c));
  ISOBAR_NEXT;
}

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
