// Atomics. Lanes take their turns in order. Global memory is shared with other host threads and
// uses the host's atomics; local memory belongs to one host thread and private memory to one hart.
// LR remembers the value it saw and SC stores if it is still there: a value that changed and
// changed back in between is not noticed (the specification would let SC fail; no program can rely
// on it).
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/engine/access.h"

namespace isobar::simt::ISOBAR_ENGINE {

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
