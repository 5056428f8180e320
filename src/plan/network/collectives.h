// How long a collective operation takes over the levels of a network, in seconds: the alpha-beta
// formulas of ring, tree and hierarchical algorithms (Thakur, Rabenseifner, Gropp, 2005; the double
// binary tree: Sanders, Speck, Traeff, 2009, as NCCL runs it), with each level's own latency,
// bandwidth and topology. The fastest is chosen by size and members, as NCCL does.
//
// All groups of the machine talk at once. A network card serves exactly its own chip, but the
// uplinks of an oversubscribed level are shared by all groups below it: a group that has several
// domains there sends only its ring's last message up.
// Left out: protocols (the fractions that collectives reach are calibrated), reduction in switches.
#pragma once

#include <cstdint>
#include <string_view>

#include "plan/network/machine.h"

namespace isobar::plan {

struct Group {
  std::uint32_t size = 1;
  std::uint32_t per_domain = 1;  // members inside one scale-up domain
  std::uint32_t stride = 1;      // chips from one member to the next
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

enum class Algorithm : std::uint8_t {
  kRing,          // one ring through all members, every domain entered and left once per card
  kTree,          // a chain within a node, two binary trees over the nodes, each for half the data
  kHierarchical,  // scattered within the domain, then a ring per card, then gathered
};
[[nodiscard]] std::string_view name_of(Algorithm algorithm);

/// Every member ends with the sum of all members' `bytes`. Infinite where the wiring has no such
/// algorithm (a tree over a mesh or a torus).
[[nodiscard]] double all_reduce(Algorithm algorithm, const Network& network, Group group,
                                double bytes, Reach reach);
struct ChosenAlgorithm {
  Algorithm algorithm = Algorithm::kRing;
  double seconds = 0;
};
[[nodiscard]] ChosenAlgorithm fastest_all_reduce(const Network& network, Group group, double bytes,
                                                 Reach reach);
[[nodiscard]] double all_reduce(const Network& network, Group group, double bytes, Reach reach);

/// Every member ends with all `bytes`, of which it held a share; reduce-scatter costs the same.
[[nodiscard]] double all_gather(const Network& network, Group group, double bytes, Reach reach);
/// Each member sends `bytes` in all, spread evenly over the group, its own share among them.
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

/// From a chip to the one `stride` away, every chip at once.
[[nodiscard]] double send(const Network& network, std::uint32_t stride, double bytes, Reach reach);

/// The outermost level that a group's traffic crosses.
[[nodiscard]] const Level& outermost_level(const Network& network, Group group);

}  // namespace isobar::plan
