// The batch of a run that does not tell it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace isobar::plan {

/// About four million tokens, in a number of sequences that the chips' odd factor divides.
[[nodiscard]] inline std::uint32_t usual_batch(std::uint32_t chips, std::uint32_t sequence) {
  constexpr double kUsualTokens = 4e6;
  std::uint32_t odd = chips;
  while (odd % 2 == 0) odd /= 2;
  const double power = std::exp2(std::round(std::log2(kUsualTokens / sequence / odd)));
  return odd * static_cast<std::uint32_t>(std::max(1.0, power));
}

}  // namespace isobar::plan
