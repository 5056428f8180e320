#include "ledger/apportion.h"

#include <algorithm>
#include <numeric>

namespace isobar::ledger {

std::vector<std::uint64_t> apportion(std::uint64_t amount, std::span<const std::uint64_t> weights) {
  std::vector<std::uint64_t> parts(weights.size(), 0);
  if (weights.empty()) return parts;
  using Wide = unsigned __int128;  // holds any product of two weights, and any sum of them
  const Wide sum = std::accumulate(weights.begin(), weights.end(), Wide{0});
  if (sum == 0) {
    parts.front() = amount;
    return parts;
  }
  std::vector<Wide> remainders(weights.size());
  std::uint64_t left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide product = static_cast<Wide>(amount) * weights[i];
    parts[i] = static_cast<std::uint64_t>(product / sum);
    remainders[i] = product % sum;
    left -= parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
  });
  // Fewer units are left than there are parts.
  for (std::size_t i = 0; i < left; ++i) ++parts[order[i]];
  return parts;
}

}  // namespace isobar::ledger
