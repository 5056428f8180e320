// Loads and stores, of whole registers and of half precision.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine/access.h"

namespace isobar::simt::ISOBAR_ENGINE {

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
    const Region& region = warp->worker->cached[operation->self];
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
    const Region& region = warp->worker->cached[operation->self];
    const u64 skipped = first_lane(warp);  // lower lanes may have ended
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

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
