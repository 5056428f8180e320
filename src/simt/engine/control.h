// Branches, jumps, barrier, exit, special registers and the instructions that look across lanes.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/call_depth.h"
#include "simt/engine/integer.h"

namespace isobar::simt::ISOBAR_ENGINE {

struct Equal {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) { return a == b; }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) { return a == b; }
};
struct Unequal {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) { return a != b; }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) { return a != b; }
};
struct Less {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) { return static_cast<i64>(a) < static_cast<i64>(b); }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) {
    return __builtin_bit_cast(I64x8, a) < __builtin_bit_cast(I64x8, b);
  }
};
struct NotLess {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) {
    return static_cast<i64>(a) >= static_cast<i64>(b);
  }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) {
    return __builtin_bit_cast(I64x8, a) >= __builtin_bit_cast(I64x8, b);
  }
};
struct Below {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) { return a < b; }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) { return a < b; }
};
struct NotBelow {
  static ISOBAR_INLINE bool eval(u64 a, u64 b) { return a >= b; }
  static ISOBAR_INLINE I64x8 eval(U64x8 a, U64x8 b) { return a >= b; }
};

/// Which lanes of the whole register pair satisfy the comparison.
template <unsigned W, class F>
ISOBAR_INLINE LaneMask compare(Warp* warp, unsigned rs1, unsigned rs2) {
  alignas(64) u64 scratch_a[W];
  alignas(64) u64 scratch_b[W];
  const u64* a = view<W>(warp, rs1, scratch_a);
  LaneMask result = 0;
  if (warp->shape[rs2] == Shape::kUniform) {
    const U64x8 b(warp->base[rs2]);
    for (unsigned c = 0; c < W / 8; ++c)
      result |= bits_of(F::eval(load<U64x8>(a + 8 * c), b)) << (8 * c);
    return result;
  }
  const u64* b = view<W>(warp, rs2, scratch_b);
  for (unsigned c = 0; c < W / 8; ++c) {
    result |= bits_of(F::eval(load<U64x8>(a + 8 * c), load<U64x8>(b + 8 * c))) << (8 * c);
  }
  return result;
}

template <unsigned W, bool M, class F>
ISOBAR_HANDLER void branch(const Operation* operation, Warp* warp) {
  const auto either = static_cast<unsigned>(warp->shape[operation->rs1]) |
                      static_cast<unsigned>(warp->shape[operation->rs2]);
  if (either == 0) [[likely]] {
    if (!F::eval(warp->base[operation->rs1], warp->base[operation->rs2])) ISOBAR_NEXT;
    ISOBAR_TAKE;
  }
  const LaneMask taken = compare<W, F>(warp, operation->rs1, operation->rs2) & warp->mask;
  if (taken == 0) ISOBAR_NEXT;
  if (taken == warp->mask) ISOBAR_TAKE;
  stop_behind(operation, warp, Stop::kReschedule);
  warp->report.taken = taken;
  warp->worker->counts.divergent_branches += 1;
}

template <unsigned W, bool M>
ISOBAR_HANDLER void jump_and_link(const Operation* operation, Warp* warp) {
  write_uniform<W, M>(warp, operation->rd, static_cast<u64>(operation->immediate));  // the next pc
  ISOBAR_TAKE;
}

/// Remembers a call of the running lanes, or of all where none of the others will need its own.
template <unsigned W, bool M>
ISOBAR_INLINE void remember(const Operation* operation, Warp* warp) {
  std::uint32_t* returns = warp->calls + std::size_t{warp->depth} * 2 * W;
  std::uint32_t* stacks = returns + W;
  const U32x16 back(operation->self + 1);
  alignas(64) std::uint32_t stack[W];
  if (warp->shape[2] == Shape::kUniform) {
    for (unsigned c = 0; c < W / 16; ++c)
      store(stack + 16 * c, U32x16(static_cast<std::uint32_t>(warp->base[2])));
  } else {
    alignas(64) u64 scratch[W];
    const u64* whole = view<W>(warp, 2, scratch);
    for (unsigned c = 0; c < W / 8; ++c)
      store(stack + 8 * c, __builtin_convertvector(load<U64x8>(whole + 8 * c), U32x8));
  }
  for (unsigned c = 0; c < W / 16; ++c) {
    U32x16 at = load<U32x16>(stack + 16 * c);
    U32x16 to = back;
    if constexpr (M) {
      const I32x16 chosen = spread16(warp->mask >> (16 * c));
      to = chosen ? to : load<U32x16>(returns + 16 * c);
      at = chosen ? at : load<U32x16>(stacks + 16 * c);
    }
    store(returns + 16 * c, to);
    store(stacks + 16 * c, at);
  }
}

/// jal that is a call. Nobody waits deeper than a path whose turn it is.
template <unsigned W, bool M>
ISOBAR_HANDLER void call(const Operation* operation, Warp* warp) {
  if (warp->depth >= warp->call_rows) [[unlikely]]
    need_call_row(warp);
  if (warp->depth < warp->call_rows) [[likely]]
    remember<W, M>(operation, warp);
  warp->depth += 1;
  warp->next_join = ~std::uint32_t{0};
  write_uniform<W, M>(warp, operation->rd, static_cast<u64>(operation->immediate));  // the next pc
  ISOBAR_TAKE;
}

/// Jumps whose target is in a register go through the scheduler: the lanes may part, and after a
/// return they may meet others again.
ISOBAR_HANDLER inline void jump_register(const Operation* operation, Warp* warp) {
  stop_behind(operation, warp, Stop::kReschedule);
  warp->report.taken = warp->mask;
}

ISOBAR_HANDLER inline void barrier(const Operation* operation, Warp* warp) {
  stop_behind(operation, warp, Stop::kBarrier);
}
ISOBAR_HANDLER inline void exit_hart(const Operation* operation, Warp* warp) {
  stop_behind(operation, warp, Stop::kExit);
}

template <unsigned Kind>
ISOBAR_HANDLER void fault(const Operation* operation, Warp* warp) {
  report_fault(warp, operation->self,
               static_cast<unsigned>(__builtin_ctzll(warp->mask | (u64{1} << 63))), Kind, 0);
  stop_at_fault(operation, warp);
}

/// First operation of a block in divergent code: has the running path caught up with a waiting one?
ISOBAR_HANDLER inline void block_check(const Operation* operation, Warp* warp) {
  if (operation->self >= warp->next_join) [[unlikely]]
    return stop_before(operation, warp);
  [[clang::musttail]] return operation->body(operation, warp);
}

/// The same before an operation that looks across lanes: one that runs ahead waits for the others.
ISOBAR_HANDLER inline void cross_check(const Operation* operation, Warp* warp) {
  if (warp->ahead || operation->self >= warp->next_join) [[unlikely]]
    return stop_before(operation, warp);
  [[clang::musttail]] return operation->body(operation, warp);
}

// ---- special registers ----------------------------------------------------------------------

/// Offsets from SpecialRegister::kGlobalId; the decoder has put them into the immediate.
enum SpecialOffset : std::uint8_t {
  kOfGlobalId = 0,
  kOfLocalId = 3,
  kOfGroupId = 6,
  kOfGlobalOffset = 0x15,
  kOfLane = 0x19,
  kOfWarp = 0x1A,
  kOfWarpSize = 0x1C,
  kOfGlobalLinear = 0x20,
  kOfLocalLinear = 0x21
};

template <unsigned W, bool M>
ISOBAR_INLINE void read_id(Warp* warp, unsigned rd, unsigned dimension, u64 origin) {
  if (warp->id_shape[dimension] != Shape::kVector) {
    write_affine<W, M>(warp, rd, warp->id_base[dimension] + origin, warp->id_stride[dimension]);
    return;
  }
  u64* d = vector_destination<W, M>(warp, rd);
  for (unsigned c = 0; c < W / 8; ++c) {
    put8<M>(warp, d, c, load<U64x8>(warp->id_vector[dimension] + 8 * c) + U64x8(origin));
  }
}

/// Linear ids: the dimensions weighed by the sizes below them.
template <unsigned W, bool M>
ISOBAR_INLINE void read_global_linear(Warp* warp, unsigned rd) {
  const u64* special = warp->worker->special;
  const u64 width = special[9];
  const u64 height = special[10];
  alignas(64) u64 ids[3][W];
  for (unsigned d = 0; d < 3; ++d) {
    const u64 origin = special[d] - special[kOfGlobalOffset + d];
    for (unsigned l = 0; l < W; ++l) ids[d][l] = warp->id_vector[d][l] + origin;
  }
  u64* d = vector_destination<W, M>(warp, rd);
  for (unsigned c = 0; c < W / 8; ++c) {
    const U64x8 linear =
        (load<U64x8>(ids[2] + 8 * c) * U64x8(height) + load<U64x8>(ids[1] + 8 * c)) * U64x8(width) +
        load<U64x8>(ids[0] + 8 * c);
    put8<M>(warp, d, c, linear);
  }
}

template <unsigned W, bool M>
ISOBAR_HANDLER void read_special(const Operation* operation, Warp* warp) {
  const auto offset = static_cast<unsigned>(operation->immediate);
  const u64* special = warp->worker->special;
  const unsigned rd = operation->rd;
  if (offset < 3) {
    // The origin of the work-group, its global offset included, stands where a uniform would.
    read_id<W, M>(warp, rd, offset, special[offset]);
  } else if (offset < 6) {
    read_id<W, M>(warp, rd, offset - kOfLocalId, 0);
  } else if (offset == kOfLane) {
    write_affine<W, M>(warp, rd, 0, 1);
  } else if (offset == kOfWarp) {
    write_uniform<W, M>(warp, rd, warp->index);
  } else if (offset == kOfWarpSize) {
    write_uniform<W, M>(warp, rd, static_cast<u64>(__builtin_popcountll(warp->existing)));
  } else if (offset == kOfGlobalLinear) {
    read_global_linear<W, M>(warp, rd);
  } else if (offset == kOfLocalLinear) {
    write_affine<W, M>(warp, rd, warp->first_linear_id, 1);
  } else {
    write_uniform<W, M>(warp, rd, special[offset]);
  }
  ISOBAR_NEXT;
}

// ---- across lanes ---------------------------------------------------------------------------

enum class Shuffle : std::uint8_t { kIndex, kXor, kUp, kDown };

template <unsigned W, bool M, Shuffle Kind>
ISOBAR_HANDLER void shuffle(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch_a[W];
  alignas(64) u64 scratch_b[W];
  alignas(64) u64 result[W];
  const u64* value = view<W>(warp, operation->rs1, scratch_a);
  const u64* operand = view<W>(warp, operation->rs2, scratch_b);
  for (unsigned l = 0; l < W; ++l) {
    u64 source = operand[l];
    if constexpr (Kind == Shuffle::kXor) source = l ^ operand[l];
    if constexpr (Kind == Shuffle::kUp) source = l - operand[l];
    if constexpr (Kind == Shuffle::kDown) source = l + operand[l];
    const bool good = source < W && (warp->mask >> source & 1U) != 0;
    result[l] = value[good ? source : l];
  }
  u64* d = vector_destination<W, M>(warp, operation->rd);
  for (unsigned c = 0; c < W / 8; ++c) put8<M>(warp, d, c, load<U64x8>(result + 8 * c));
  ISOBAR_NEXT;
}

enum class Vote : std::uint8_t { kAll, kAny, kBallot };

template <unsigned W, bool M, Vote Kind>
ISOBAR_HANDLER void vote(const Operation* operation, Warp* warp) {
  alignas(64) u64 scratch[W];
  const u64* value = view<W>(warp, operation->rs1, scratch);
  LaneMask nonzero = 0;
  for (unsigned c = 0; c < W / 8; ++c)
    nonzero |= bits_of(load<U64x8>(value + 8 * c) != U64x8(0)) << (8 * c);
  nonzero &= warp->mask;
  const u64 result = Kind == Vote::kAll   ? nonzero == warp->mask
                     : Kind == Vote::kAny ? nonzero != 0
                                          : nonzero;
  write_uniform<W, M>(warp, operation->rd, result);
  ISOBAR_NEXT;
}

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
