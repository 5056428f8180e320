// The checksum of everything a run goes on from (base/fnv1a.h).
//
// A sealed text ends in a comment line that holds the checksum of all before it:
//   # checksum 0123456789abcdef
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/fnv1a.h"

namespace isobar::train {

class Checksum {
 public:
  static constexpr std::size_t kDigits = 16;
  void add(std::span<const std::byte> bytes) { state_ = fnv1a(bytes, state_); }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  /// kDigits hexadecimal digits.
  [[nodiscard]] std::string hex() const;

 private:
  std::uint64_t state_ = kFnv1aStart;
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
