// The checksum of everything a run goes on from: 64-bit FNV-1a, byte by byte. Each step is a
// bijection of the state, so two contents of equal length that differ in one byte never agree; any
// other damage is found but for one case in 2^64. It finds damage, not malice.
// Reference: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", section 2.
//
// A sealed text ends in a comment line that holds the checksum of all before it:
//   # checksum 0123456789abcdef
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace isobar::train {

class Checksum {
 public:
  static constexpr std::size_t kDigits = 16;
  void add(std::span<const std::byte> bytes) {
    for (const std::byte b : bytes)
      state_ = (state_ ^ std::to_integer<std::uint8_t>(b)) * 0x100000001b3U;
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  /// kDigits hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

[[nodiscard]] std::string checksum_of(std::string_view text);

enum class Seal : std::uint8_t { kWhole, kBroken, kNone };
struct SealedText {
  Seal seal = Seal::kNone;
  std::string_view body;  // all of the text where there is no seal
};

/// `body` must be empty or end in a line's end.
[[nodiscard]] std::string sealed(std::string_view body);
/// A seal that is there in part, or with something behind it, is broken.
[[nodiscard]] SealedText unseal(std::string_view text);

}  // namespace isobar::train
