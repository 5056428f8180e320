// How long a collective operation takes over the levels of a network, in seconds: the usual
// alpha-beta formulas of ring and hierarchical algorithms (Thakur, Rabenseifner, Gropp,
// 2005), with each level's own latency and bandwidth. A group is `size` chips, of which
// `per_domain` are neighbours within the scale-up domain; all groups of the machine talk at once,
// so a network card serves exactly its own chip.
// Left out: trees, and topologies other than a switch per level.
#pragma once

#include <cstdint>

#include "cluster/machine.h"

namespace isobar::cluster {

struct Group {
  std::uint32_t size = 1;
  std::uint32_t per_domain = 1;  // members inside one scale-up domain
  [[nodiscard]] double domains() const {
    return static_cast<double>(size) / (per_domain > 0 ? per_domain : 1);
  }
};
/// `size` members that are `stride` chips apart: tensor ranks are neighbours (stride 1), data ranks
/// are tensor x context apart.
[[nodiscard]] Group group_of(std::uint32_t size, std::uint32_t stride, std::uint32_t domain);

/// Fractions of the bandwidths that collectives reach.
struct Reach {
  double link = 1;
  double network = 1;
};

/// Every member ends with the sum of all members' `bytes`: rings, one in each level.
[[nodiscard]] double all_reduce(const Network& network, Group group, double bytes, Reach reach);
/// Every member ends with all `bytes`, of which it held a share; reduce-scatter costs the same.
[[nodiscard]] double all_gather(const Network& network, Group group, double bytes, Reach reach);
/// Each member sends `bytes` in all, spread evenly over the others.
[[nodiscard]] double all_to_all(const Network& network, Group group, double bytes, Reach reach);

/// Experts on other chips: a chip sends `tokens` tokens of `token_bytes`, each to `active` of the
/// group's experts. Sent once to each domain a token visits (at most `domain_limit`, 0: no limit),
/// then spread inside it over the faster links, as DeepSeek-V3's report describes (section 3.2.2).
/// `imbalance` is the busiest expert's load over the mean.
struct ExpertTraffic {
  double tokens = 0;
  double token_bytes = 0;
  std::uint32_t active = 1;
  std::uint32_t domain_limit = 0;
  double imbalance = 1;
};
[[nodiscard]] double expert_exchange(const Network& network, Group group,
                                     const ExpertTraffic& traffic, Reach reach);

/// From a chip to the one `stride` away.
[[nodiscard]] double send(const Network& network, std::uint32_t stride, double bytes, Reach reach);

}  // namespace isobar::cluster
