// Splitting a whole number by weights without losing a unit: the largest-remainder method
// (Hamilton's), ties to the earlier one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace isobar::ledger {

/// Non-negative integers that sum to exactly `amount`, each within one of amount * weight / sum of
/// weights. All of it goes to the first when every weight is zero; nothing to split over gives
/// nothing. The weights' sum must fit 64 bits.
[[nodiscard]] std::vector<std::uint64_t> apportion(std::uint64_t amount,
                                                   std::span<const std::uint64_t> weights);

}  // namespace isobar::ledger
