// FNV-1a with 64 bits, byte by byte. Each step is a bijection of the state, so two contents of
// equal length that differ in one byte never agree; any other damage is found but for one case in
// 2^64. It finds damage, not malice. Reference: Fowler, Noll, Vo, Eastlake, "The FNV
// Non-Cryptographic Hash Algorithm", section 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace isobar {

inline constexpr std::uint64_t kFnv1aStart = 0xcbf29ce484222325U;

/// Goes on from `state`: the hash of two pieces is that of the second, begun with the first's.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::span<const std::byte> bytes,
                                            std::uint64_t state = kFnv1aStart) {
  for (const std::byte b : bytes)
    state = (state ^ std::to_integer<std::uint8_t>(b)) * 0x100000001b3U;
  return state;
}
[[nodiscard]] inline std::uint64_t fnv1a(std::string_view text, std::uint64_t state = kFnv1aStart) {
  return fnv1a(std::as_bytes(std::span(text)), state);
}

}  // namespace isobar
