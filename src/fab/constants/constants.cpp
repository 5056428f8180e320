#include "fab/constants/constants.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/file/paths.h"
#include "fab/constants/constant_table.h"

namespace isobar::fab {
namespace {

/// The place below `u` (0 to 1) of the triangular distribution over the range, highest at the
/// nominal value.
double triangular(const Ranged& r, double u) {
  const double width = r.high - r.low;
  if (width <= 0) return r.value;
  const double rising = (r.value - r.low) / width;
  return u < rising ? r.low + std::sqrt(u * width * (r.value - r.low))
                    : r.high - std::sqrt((1 - u) * width * (r.high - r.value));
}

template <class Map>
auto find(const Map& map, std::string_view name) {
  const auto at = map.find(std::string(name));
  return at == map.end() ? nullptr : &at->second;
}

template <class Map>
std::string names_of(const Map& map) {
  std::string names;
  for (const auto& entry : map) names += (names.empty() ? "" : ", ") + entry.first;
  return names;
}

/// The first number in it.
std::string digits_of(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t begin = name.find_first_of(kDigits);
  if (begin == std::string_view::npos) return "";
  const std::size_t end = name.find_first_not_of(kDigits, begin);
  return std::string(name.substr(begin, end == std::string_view::npos ? end : end - begin));
}

}  // namespace

const ProcessNode* Constants::node(std::string_view name) const { return find(nodes, name); }

const MemoryInterface* Constants::interface(std::string_view name) const {
  return find(interfaces, name);
}

const Ranged* Constants::memory_price(std::string_view kind) const {
  const Ranged* best = nullptr;
  std::size_t longest = 0;
  for (const auto& [name, price] : memory_prices)
    if (kind.starts_with(name) && name.size() > longest) {
      best = &price;
      longest = name.size();
    }
  return best;
}

const MarketNode* Constants::market_node(int nanometres) const {
  const MarketNode* best = nullptr;
  double nearest = 0;
  for (const auto& [size, node] : market_nodes) {
    const double distance = std::abs(std::log(static_cast<double>(size) / nanometres));
    if (best != nullptr && distance >= nearest) continue;
    best = &node;
    nearest = distance;
  }
  return best;
}

std::string Constants::node_names() const { return names_of(nodes); }
std::string Constants::nodes_like(std::string_view name) const {
  const std::string digits = digits_of(name);
  std::string list;
  for (const auto& entry : nodes)
    if (!digits.empty() && digits_of(entry.first) == digits)
      list += (list.empty() ? "" : " or ") + entry.first;
  return list.empty() ? "" : "did you mean " + list + "? ";
}
std::string Constants::speed_names() const { return names_of(node_speeds); }

const Constants& default_constants() {
  static const Constants constants = read_constants(share_directory() / "fab" / "constants.toml");
  return constants;
}

Constants sample(const Constants& constants, std::uint32_t index) {
  Constants drawn = constants;
  std::uint32_t number = 0;
  for_each_constant(drawn, [&](const std::string&, const char*, Ranged& r) {
    const r123::Philox4x32::ctr_type counter{{number++, index, 0, 0}};
    const r123::Philox4x32::key_type key{{0x15bau, 0xfabu}};
    const double u = (r123::Philox4x32()(counter, key)[0] + 0.5) * 0x1p-32;
    r.value = triangular(r, u);
  });
  return drawn;
}

}  // namespace isobar::fab
