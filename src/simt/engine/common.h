// What every handler is made of: dispatch, stretches of control flow, reading and writing registers
// in whatever shape they have. Included by portable.cpp, avx2.cpp and avx512.cpp only.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "simt/machine.h"
#include "simt/vectors.h"

#define ISOBAR_NEXT [[clang::musttail]] return operation[1].run(operation + 1, warp)

namespace isobar::simt::ISOBAR_ENGINE {

using u64 = std::uint64_t;
using i64 = std::int64_t;

template <unsigned W>
ISOBAR_INLINE u64* x_lanes(Warp* warp, unsigned number) {
  return reinterpret_cast<u64*>(warp + 1) + number * W;
}
template <unsigned W>
ISOBAR_INLINE u64* f_lanes(Warp* warp, unsigned number) {
  return reinterpret_cast<u64*>(warp + 1) + (33 + number) * W;
}

// ---- control flow --------------------------------------------------------------------------

/// The running stretch ends behind `operation`, which was executed.
ISOBAR_INLINE void leave_behind(const Operation* operation, Warp* warp) {
  Flow& flow = warp->worker->flow[operation->self + 1];
  flow.executions -= 1;
  flow.lanes -= warp->active;
  warp->instructions += operation->self + 1 - warp->entered;
}

/// The running stretch ends before `operation`, which was not executed.
ISOBAR_INLINE void leave_before(const Operation* operation, Warp* warp) {
  Flow& flow = warp->worker->flow[operation->self];
  flow.executions -= 1;
  flow.lanes -= warp->active;
  warp->instructions += operation->self - warp->entered;
}

ISOBAR_INLINE void begin_at(std::uint32_t target, Warp* warp) {
  Flow& flow = warp->worker->flow[target];
  flow.executions += 1;
  flow.lanes += warp->active;
  warp->entered = target;
}

ISOBAR_INLINE void stop_behind(const Operation* operation, Warp* warp, Stop stop) {
  leave_behind(operation, warp);
  warp->resume = operation->self + 1;
  warp->report.stop = stop;
  warp->report.operation = operation->self;
  warp->report.taken = 0;
}

/// Other paths may have to run before `operation` does.
ISOBAR_INLINE void stop_before(const Operation* operation, Warp* warp) {
  leave_before(operation, warp);
  warp->resume = operation->self;
  warp->report.stop = Stop::kReschedule;
  warp->report.taken = 0;
}

/// For slow paths that have recorded a fault: the operation counts as issued.
ISOBAR_INLINE void stop_at_fault(const Operation* operation, Warp* warp) {
  leave_behind(operation, warp);
  warp->resume = operation->self;
  warp->report.stop = Stop::kFault;
}

/// Control goes to operation->target with all running lanes. False: the quantum is used up.
ISOBAR_INLINE bool take(const Operation* operation, Warp* warp, std::uint32_t target) {
  leave_behind(operation, warp);
  if (--warp->budget < 0) [[unlikely]] {
    warp->resume = target;
    warp->report.stop = Stop::kQuantum;
    warp->report.taken = 0;
    return false;
  }
  begin_at(target, warp);
  return true;
}

#define ISOBAR_TAKE                                                                            \
  do {                                                                                         \
    if (!take(operation, warp, operation->target)) return;                                     \
    const Operation* next =                                                                    \
        operation + (static_cast<i64>(operation->target) - static_cast<i64>(operation->self)); \
    [[clang::musttail]] return next->run(next, warp);                                          \
  } while (0)

// ---- integer registers ---------------------------------------------------------------------

/// Eight lanes of an affine register, from lane 8 * chunk.
ISOBAR_INLINE U64x8 affine_chunk(u64 base, i64 stride, unsigned chunk) {
  return U64x8(base + static_cast<u64>(stride) * (8U * chunk)) +
         iota8() * U64x8(static_cast<u64>(stride));
}

template <unsigned W>
ISOBAR_INLINE void expand_to(u64* lanes, u64 base, i64 stride) {
  U64x8 value = affine_chunk(base, stride, 0);
  const U64x8 step = U64x8(static_cast<u64>(stride) * 8U);
  for (unsigned c = 0; c < W / 8; ++c, value += step) store(lanes + 8 * c, value);
}

/// The lanes of a register: its own storage, or `scratch` filled in.
template <unsigned W>
ISOBAR_INLINE const u64* view(Warp* warp, unsigned number, u64* scratch) {
  if (warp->shape[number] == Shape::kVector) return x_lanes<W>(warp, number);
  expand_to<W>(scratch, warp->base[number], warp->stride[number]);
  return scratch;
}

/// Makes a register a vector in place, so that some of its lanes can be overwritten.
template <unsigned W>
ISOBAR_INLINE void make_vector(Warp* warp, unsigned number) {
  if (warp->shape[number] == Shape::kVector) return;
  expand_to<W>(x_lanes<W>(warp, number), warp->base[number], warp->stride[number]);
  warp->shape[number] = Shape::kVector;
}

/// Writes eight lanes; with M only those of the running path.
template <bool M>
ISOBAR_INLINE void put8(Warp* warp, u64* lanes, unsigned chunk, U64x8 value) {
  if constexpr (M) {
    const I64x8 chosen = spread8(warp->mask >> (8 * chunk));
    value = chosen ? value : load<U64x8>(lanes + 8 * chunk);
  }
  store(lanes + 8 * chunk, value);
}

template <unsigned W, bool M>
ISOBAR_INLINE void write_affine(Warp* warp, unsigned number, u64 base, i64 stride) {
  if constexpr (M) {
    make_vector<W>(warp, number);
    u64* lanes = x_lanes<W>(warp, number);
    for (unsigned c = 0; c < W / 8; ++c) put8<true>(warp, lanes, c, affine_chunk(base, stride, c));
  } else {
    warp->base[number] = base;
    warp->stride[number] = stride;
    warp->shape[number] = stride == 0 ? Shape::kUniform : Shape::kAffine;
  }
}

template <unsigned W, bool M>
ISOBAR_INLINE void write_uniform(Warp* warp, unsigned number, u64 value) {
  if constexpr (M) {
    write_affine<W, true>(warp, number, value, 0);
  } else {
    warp->base[number] = value;
    warp->stride[number] = 0;
    warp->shape[number] = Shape::kUniform;
  }
}

/// The destination of a vector result; its shape is settled here.
template <unsigned W, bool M>
ISOBAR_INLINE u64* vector_destination(Warp* warp, unsigned number) {
  if constexpr (M) {
    make_vector<W>(warp, number);
  } else {
    warp->shape[number] = Shape::kVector;
  }
  return x_lanes<W>(warp, number);
}

// ---- float registers -----------------------------------------------------------------------
//
// Singles are kept as packed 32-bit lanes, known to be properly NaN-boxed; a uniform single fills
// the first sixteen so that it can be read as a vector with step 0. Raw registers hold 64 bits a
// lane, a uniform one fills the first eight.

inline constexpr std::uint32_t kCanonicalSingle = 0x7fc00000U;
inline constexpr u64 kCanonicalDouble = 0x7ff8000000000000ULL;
inline constexpr u64 kBox = 0xffffffff00000000ULL;

ISOBAR_INLINE bool is_single(FloatShape shape) { return shape <= FloatShape::kSingleVector; }
ISOBAR_INLINE unsigned vector_bit(FloatShape shape) { return static_cast<unsigned>(shape) & 1U; }

template <unsigned W>
struct Singles {
  const float* lanes;
  unsigned step;  // 16 for a vector, 0 for a uniform
  ISOBAR_INLINE F32x16 chunk(unsigned c) const {
    return load<F32x16>(lanes + std::size_t{c} * step);
  }
};

template <unsigned W>
struct Doubles {
  const double* lanes;
  unsigned step;  // 8 or 0
  ISOBAR_INLINE F64x8 chunk(unsigned c) const { return load<F64x8>(lanes + std::size_t{c} * step); }
};

/// All lanes as raw 64-bit values.
template <unsigned W>
ISOBAR_INLINE void raw_lanes(Warp* warp, unsigned number, u64* out) {
  const u64* lanes = f_lanes<W>(warp, number);
  const auto* singles = reinterpret_cast<const std::uint32_t*>(lanes);
  switch (warp->float_shape[number]) {
    case FloatShape::kSingle:
      for (unsigned l = 0; l < W; ++l) out[l] = kBox | singles[0];
      break;
    case FloatShape::kSingleVector:
      for (unsigned l = W; l-- > 0;) out[l] = kBox | singles[l];
      break;
    case FloatShape::kRaw:
      for (unsigned l = 0; l < W; ++l) out[l] = lanes[0];
      break;
    case FloatShape::kRawVector:
      std::memcpy(out, lanes, W * sizeof(u64));
      break;
  }
}

template <unsigned W>
__attribute__((noinline)) void make_raw_vector(Warp* warp, unsigned number) {
  alignas(64) u64 scratch[W];
  raw_lanes<W>(warp, number, scratch);
  std::memcpy(f_lanes<W>(warp, number), scratch, sizeof scratch);
  warp->float_shape[number] = FloatShape::kRawVector;
}

/// Singles of a raw register into `scratch`; what is not properly boxed reads as the canonical NaN
/// (chapter "D", section "NaN Boxing of Narrower Values").
template <unsigned W>
__attribute__((noinline)) void unbox_singles(Warp* warp, unsigned number, float* scratch) {
  alignas(64) u64 raw[W];
  raw_lanes<W>(warp, number, raw);
  bool boxed = true;
  for (unsigned l = 0; l < W; ++l) {
    const bool good = (raw[l] & kBox) == kBox;
    boxed &= good;
    const std::uint32_t single = good ? static_cast<std::uint32_t>(raw[l]) : kCanonicalSingle;
    std::memcpy(&scratch[l], &single, sizeof single);
  }
  if (boxed) {  // nothing is lost by keeping it as singles from now on
    std::memcpy(f_lanes<W>(warp, number), scratch, W * sizeof(float));
    warp->float_shape[number] = FloatShape::kSingleVector;
  }
}

template <unsigned W>
ISOBAR_INLINE Singles<W> singles(Warp* warp, unsigned number, float* scratch) {
  const FloatShape shape = warp->float_shape[number];
  if (is_single(shape)) [[likely]] {
    return {reinterpret_cast<const float*>(f_lanes<W>(warp, number)), vector_bit(shape) * 16U};
  }
  unbox_singles<W>(warp, number, scratch);
  return {scratch, 16U};
}

template <unsigned W>
ISOBAR_INLINE Doubles<W> doubles(Warp* warp, unsigned number, u64* scratch) {
  const FloatShape shape = warp->float_shape[number];
  if (!is_single(shape)) [[likely]] {
    return {reinterpret_cast<const double*>(f_lanes<W>(warp, number)), vector_bit(shape) * 8U};
  }
  raw_lanes<W>(warp, number, scratch);
  return {reinterpret_cast<const double*>(scratch), 8U};
}

/// Makes a register a vector of singles in place if that loses nothing; else of raw values.
template <unsigned W>
__attribute__((noinline)) FloatShape make_single_or_raw_vector(Warp* warp, unsigned number) {
  alignas(64) float scratch[W];
  if (warp->float_shape[number] == FloatShape::kSingle) {
    auto* lanes = reinterpret_cast<std::uint32_t*>(f_lanes<W>(warp, number));
    const std::uint32_t value = lanes[0];
    for (unsigned l = 0; l < W; ++l) lanes[l] = value;
    warp->float_shape[number] = FloatShape::kSingleVector;
  } else if (!is_single(warp->float_shape[number])) {
    unbox_singles<W>(warp, number, scratch);
    if (!is_single(warp->float_shape[number])) make_raw_vector<W>(warp, number);
  }
  return warp->float_shape[number];
}

/// Writes W singles (as `chunk(c)` of sixteen) to a register, all lanes or the running ones.
template <unsigned W, bool M, class Chunk>
ISOBAR_INLINE void write_singles(Warp* warp, unsigned number, Chunk&& chunk) {
  auto* lanes = reinterpret_cast<float*>(f_lanes<W>(warp, number));
  F32x16 values[W / 16];  // all of them before the first store: the sources may be this register
  for (unsigned c = 0; c < W / 16; ++c) values[c] = chunk(c);
  if constexpr (!M) {
    for (unsigned c = 0; c < W / 16; ++c) store(lanes + 16 * c, values[c]);
    warp->float_shape[number] = FloatShape::kSingleVector;
    return;
  }
  if (warp->float_shape[number] == FloatShape::kSingleVector ||
      make_single_or_raw_vector<W>(warp, number) == FloatShape::kSingleVector) {
    for (unsigned c = 0; c < W / 16; ++c) {
      const I32x16 chosen = spread16(warp->mask >> (16 * c));
      store(lanes + 16 * c, chosen ? values[c] : load<F32x16>(lanes + 16 * c));
    }
    return;
  }
  // Through memory: __builtin_bit_cast of a vector's element takes the first lane (clang 19).
  alignas(64) std::uint32_t packed[W];
  std::memcpy(packed, values, sizeof packed);
  u64* raw = f_lanes<W>(warp, number);
  for (unsigned l = 0; l < W; ++l) {
    if ((warp->mask >> l & 1U) != 0) raw[l] = kBox | packed[l];
  }
}

template <unsigned W, bool M, class Chunk>
ISOBAR_INLINE void write_doubles(Warp* warp, unsigned number, Chunk&& chunk) {
  auto* lanes = reinterpret_cast<double*>(f_lanes<W>(warp, number));
  F64x8 values[W / 8];
  for (unsigned c = 0; c < W / 8; ++c) values[c] = chunk(c);
  if constexpr (!M) {
    for (unsigned c = 0; c < W / 8; ++c) store(lanes + 8 * c, values[c]);
    warp->float_shape[number] = FloatShape::kRawVector;
    return;
  }
  if (warp->float_shape[number] != FloatShape::kRawVector) make_raw_vector<W>(warp, number);
  for (unsigned c = 0; c < W / 8; ++c) {
    const I64x8 chosen = spread8(warp->mask >> (8 * c));
    store(lanes + 8 * c, chosen ? values[c] : load<F64x8>(lanes + 8 * c));
  }
}

template <unsigned W, bool M>
ISOBAR_INLINE void write_uniform_single(Warp* warp, unsigned number, F32x16 value) {
  if constexpr (M) {
    write_singles<W, true>(warp, number, [&](unsigned) { return value; });
  } else {
    store(f_lanes<W>(warp, number), value);
    warp->float_shape[number] = FloatShape::kSingle;
  }
}

template <unsigned W, bool M>
ISOBAR_INLINE void write_uniform_raw(Warp* warp, unsigned number, F64x8 value) {
  if constexpr (M) {
    write_doubles<W, true>(warp, number, [&](unsigned) { return value; });
  } else {
    store(f_lanes<W>(warp, number), value);
    warp->float_shape[number] = FloatShape::kRaw;
  }
}

ISOBAR_INLINE F32x16 canonical(F32x16 value) {
  return (value != value) ? __builtin_bit_cast(F32x16, U32x16(kCanonicalSingle)) : value;
}
ISOBAR_INLINE F64x8 canonical(F64x8 value) {
  return (value != value) ? __builtin_bit_cast(F64x8, U64x8(kCanonicalDouble)) : value;
}

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)
