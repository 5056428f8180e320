#include "train/run/checksum.h"

#include <fmt/format.h>

namespace isobar::train {
namespace {

constexpr std::string_view kSeal = "# checksum ";

}  // namespace

std::string Checksum::hex() const { return fmt::format("{:016x}", state_); }

std::string checksum_of(std::string_view text) {
  Checksum checksum;
  checksum.add(text);
  return checksum.hex();
}

std::string sealed(std::string_view body) {
  return fmt::format("{}{}{}\n", body, kSeal, checksum_of(body));
}

SealedText unseal(std::string_view text) {
  const std::size_t at = text.rfind(kSeal);
  if (at == std::string_view::npos || (at > 0 && text[at - 1] != '\n')) return {Seal::kNone, text};
  const std::string_view body = text.substr(0, at);
  return {text == sealed(body) ? Seal::kWhole : Seal::kBroken, body};
}

}  // namespace isobar::train
