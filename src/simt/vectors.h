// Fixed-size vectors in the compiler's own notation: one source becomes AVX-512, AVX2 or plain SSE
// code, by the flags of the file that includes it. Namespaced per instruction set.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#define ISOBAR_INLINE inline __attribute__((always_inline))

namespace isobar::simt::ISOBAR_ENGINE {

template <class T, unsigned N>
using Vector = T __attribute__((ext_vector_type(N)));

using U64x8 = Vector<std::uint64_t, 8>;
using I64x8 = Vector<std::int64_t, 8>;
using F64x8 = Vector<double, 8>;
using U32x8 = Vector<std::uint32_t, 8>;
using U32x16 = Vector<std::uint32_t, 16>;
using I32x8 = Vector<std::int32_t, 8>;
using I32x16 = Vector<std::int32_t, 16>;
using F32x16 = Vector<float, 16>;
using F32x8 = Vector<float, 8>;
using Bool8 = Vector<bool, 8>;
using Bool16 = Vector<bool, 16>;

template <class V>
ISOBAR_INLINE V load(const void* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class V>
ISOBAR_INLINE void store(void* to, V value) {
  std::memcpy(to, &value, sizeof value);
}

/// The sign bits of eight or sixteen comparisons, one bit each.
ISOBAR_INLINE std::uint64_t bits_of(I64x8 condition) {
  return __builtin_bit_cast(std::uint8_t, __builtin_convertvector(condition, Bool8));
}
ISOBAR_INLINE std::uint64_t bits_of(I32x16 condition) {
  return __builtin_bit_cast(std::uint16_t, __builtin_convertvector(condition, Bool16));
}

/// All ones where the bit is set.
ISOBAR_INLINE I64x8 spread8(std::uint64_t bits) {
  const U64x8 select = {1, 2, 4, 8, 16, 32, 64, 128};
  return (U64x8(bits & 0xffU) & select) != U64x8(0);
}
ISOBAR_INLINE I32x16 spread16(std::uint64_t bits) {
  const U32x16 select = {1,   2,   4,    8,    16,   32,   64,    128,
                         256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  return (U32x16(static_cast<std::uint32_t>(bits & 0xffffU)) & select) != U32x16(0);
}

ISOBAR_INLINE U64x8 iota8() { return U64x8{0, 1, 2, 3, 4, 5, 6, 7}; }

}  // namespace isobar::simt::ISOBAR_ENGINE
