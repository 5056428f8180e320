#include "plan/network/collectives.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plan/network/topology.h"

namespace isobar::plan {
namespace {

/// Of the faster of two phases that should overlap, what does not.
constexpr double kImperfectOverlap = 0.1;

/// Of a dragonfly's bandwidth, what is left where all groups send to the next one: messages take
/// two long links instead of one (Kim et al., Technology-driven, highly-scalable dragonfly
/// topology, 2008, section 4).
constexpr double kRoutedAround = 0.5;

Span inside_of(Group group) { return {group.per_domain, std::max(1U, group.stride)}; }

/// Of the group's domains, how many share a block of `level` (one switch, or tree of switches).
double domains_in(const Network& network, Group group, const Level& level) {
  if (level.chips == 0) return group.domains();
  const double apart = std::max<double>(
      network.domain(), static_cast<double>(std::max(1U, group.stride)) * group.per_domain);
  return std::clamp(level.chips / apart, 1.0, group.domains());
}

/// Calls `visit(level, domains below)` for each level that traffic between the group's domains
/// crosses; "below" are those of the group's domains that reach each other without it.
template <class Visit>
void for_each_crossed(const Network& network, Group group, const Visit& visit) {
  if (group.domains() <= 1) return;
  if (network.levels.size() == 1) visit(network.levels.front(), 1.0);
  double below = 1;
  for (std::size_t i = 1; i < network.levels.size() && below < group.domains(); ++i) {
    visit(network.levels[i], below);
    below = domains_in(network, group, network.levels[i]);
  }
}

/// Bytes per second of each card while a ring through the group's domains goes round.
double ring_bandwidth(const Network& network, Group group) {
  double narrowest = std::numeric_limits<double>::infinity();
  for_each_crossed(network, group, [&](const Level& level, double below) {
    double share = level.bandwidth / std::max(1.0, level.oversubscription / below);
    if (level.topology == Topology::kDragonfly) share *= kRoutedAround;
    narrowest = std::min(narrowest, share);
  });
  return narrowest;
}

/// Seconds per byte that each card sends evenly to the group's domains, its own among them.
double spread_time(const Network& network, Group group) {
  const double domains = group.domains();
  double slowest = 0;
  for_each_crossed(network, group, [&](const Level& level, double below) {
    slowest =
        std::max(slowest, (domains - below) / domains * level.oversubscription / level.bandwidth);
  });
  return slowest;
}

double inner_gather(const Network& network, Group group, double bytes, Reach reach) {
  const Level& level = network.levels.front();
  const double inside = group.per_domain;
  const Span span = inside_of(group);
  return (inside - 1) / inside * bytes / (gather_bandwidth(level, span) * reach.link) +
         gather_hops(level, span) * level.latency;
}

/// One after the other, but for what overlaps.
double overlapped(double a, double b) {
  return std::max(a, b) + std::min(a, b) * kImperfectOverlap;
}

double ring(const Network& network, Group group, double bytes, Reach reach) {
  const double domains = group.domains();
  if (domains <= 1) return 2 * inner_gather(network, group, bytes, reach);
  const double moved = (group.size - 1.0) / group.size * bytes;
  const Level& inner = network.levels.front();
  const double inside = group.per_domain > 1
                            ? gather_bandwidth(inner, inside_of(group)) * reach.link
                            : std::numeric_limits<double>::infinity();
  const double outside = ring_bandwidth(network, group) * group.per_domain * reach.network;
  const double latency = (group.size - domains) * inner.latency +
                         (domains - 1) * outermost_level(network, group).latency;
  return 2 * (moved / std::min(inside, outside) + latency);
}

double tree(const Network& network, Group group, double bytes, Reach reach) {
  const Level& inner = network.levels.front();
  if (inner.topology != Topology::kSwitched && group.per_domain > 1)
    return std::numeric_limits<double>::infinity();
  const double domains = group.domains();
  const double node = std::min(group.per_domain, std::max(1U, network.node_chips));
  double narrowest = std::numeric_limits<double>::infinity();
  double latency = (node - 1 + std::ceil(std::log2(group.per_domain / node))) * inner.latency;
  if (group.per_domain > 1) narrowest = inner.bandwidth * reach.link;
  if (domains > 1) {
    narrowest =
        std::min(narrowest, ring_bandwidth(network, group) * group.per_domain * reach.network);
    latency += std::ceil(std::log2(domains)) * outermost_level(network, group).latency;
  }
  return 2 * (bytes / narrowest + latency);
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  constexpr std::array<std::string_view, 3> kNames{"ring", "tree", "hierarchical"};
  return kNames.at(static_cast<std::size_t>(algorithm));
}

Group group_of(std::uint32_t size, std::uint32_t stride, std::uint32_t domain) {
  Group group{std::max(1U, size), 1, std::max(1U, stride)};
  if (stride < domain) group.per_domain = std::clamp(domain / std::max(1U, stride), 1U, group.size);
  // Members that do not fill domains evenly are as badly off as the worst-placed one.
  while (group.size % group.per_domain != 0) --group.per_domain;
  return group;
}

const Level& outermost_level(const Network& network, Group group) {
  const Level* outermost = &network.levels.front();
  for_each_crossed(network, group, [&](const Level& level, double) { outermost = &level; });
  return *outermost;
}

double all_gather(const Network& network, Group group, double bytes, Reach reach) {
  if (group.size <= 1) return 0;
  const double inner = inner_gather(network, group, bytes, reach);
  const double domains = group.domains();
  if (domains <= 1) return inner;
  // Each member brings 1/inside of the domains' data through its own card, then the domain shares.
  const double messages = std::min(domains - 1, 2 * std::log2(domains) + 8);
  const double outer = (domains - 1) / domains * bytes / group.per_domain /
                           (ring_bandwidth(network, group) * reach.network) +
                       messages * outermost_level(network, group).latency;
  return overlapped(inner, outer);
}

double all_reduce(Algorithm algorithm, const Network& network, Group group, double bytes,
                  Reach reach) {
  if (group.size <= 1) return 0;
  switch (algorithm) {
    case Algorithm::kRing:
      return ring(network, group, bytes, reach);
    case Algorithm::kTree:
      return tree(network, group, bytes, reach);
    case Algorithm::kHierarchical:
      break;
  }
  return 2 * all_gather(network, group, bytes, reach);
}

ChosenAlgorithm fastest_all_reduce(const Network& network, Group group, double bytes, Reach reach) {
  ChosenAlgorithm best{Algorithm::kRing, ring(network, group, bytes, reach)};
  if (group.size <= 1) return {};
  for (const Algorithm algorithm : {Algorithm::kTree, Algorithm::kHierarchical}) {
    const double seconds = all_reduce(algorithm, network, group, bytes, reach);
    if (seconds < best.seconds) best = {algorithm, seconds};
  }
  return best;
}

double all_reduce(const Network& network, Group group, double bytes, Reach reach) {
  return fastest_all_reduce(network, group, bytes, reach).seconds;
}

double all_to_all(const Network& network, Group group, double bytes, Reach reach) {
  if (group.size <= 1) return 0;
  const Level& level = network.levels.front();
  const double inside = group.per_domain;
  double within = bytes * (inside - 1) / group.size;
  // A rail reaches only cards of the same number: the rest changes cards inside the domain first.
  if (outermost_level(network, group).topology == Topology::kRail)
    within += bytes * (group.size - inside) / group.size * (inside - 1) / inside;
  const double inner =
      within / (exchange_bandwidth(level, inside_of(group)) * reach.link) + level.latency;
  if (group.domains() <= 1) return inner;
  const double outer =
      bytes * spread_time(network, group) / reach.network + outermost_level(network, group).latency;
  return std::max(inner, outer);
}

double expert_exchange(const Network& network, Group group, const ExpertTraffic& traffic,
                       Reach reach) {
  if (group.size <= 1) return 0;
  const double domains = group.domains();
  const double inside = group.per_domain;
  const Level& level = network.levels.front();
  const double bytes = traffic.tokens * traffic.token_bytes * traffic.imbalance;
  // Inside a domain every copy but those to the own chip crosses a link.
  const double inner = bytes * traffic.active * (inside - 1) / inside;
  double time =
      inner / (exchange_bandwidth(level, inside_of(group)) * reach.link) + 2 * level.latency;
  if (domains > 1) {
    // Domains a token visits when its experts are drawn evenly: each is missed by all draws with
    // probability (1 - 1/domains)^active.
    double visited = domains * (1 - std::pow(1 - 1 / domains, traffic.active));
    if (traffic.domain_limit > 0) visited = std::min<double>(visited, traffic.domain_limit);
    const double outer = bytes * visited * spread_time(network, group) / reach.network +
                         2 * outermost_level(network, group).latency;
    time = std::max(time, outer);
  }
  return time;
}

double send(const Network& network, std::uint32_t stride, double bytes, Reach reach) {
  const Level& inner = network.levels.front();
  if (stride < network.domain())
    return bytes / (send_bandwidth(inner) * reach.link) + inner.latency;
  // Of the chips below a switch, those that send beyond it share its uplinks.
  double narrowest = std::numeric_limits<double>::infinity();
  double latency = inner.latency;
  for (std::size_t i = 1; i < network.levels.size(); ++i) {
    const Level& level = network.levels[i];
    const double below = network.levels[i - 1].chips;
    const double crossing = std::min(1.0, stride / below);
    double share = level.bandwidth / std::max(1.0, level.oversubscription * crossing);
    if (level.topology == Topology::kDragonfly) share *= kRoutedAround;
    narrowest = std::min(narrowest, share);
    latency = level.latency;
    if (level.chips == 0 || stride * 2.0 <= level.chips) break;
  }
  if (network.levels.size() == 1) narrowest = send_bandwidth(inner);
  return bytes / (narrowest * reach.network) + latency;
}

}  // namespace isobar::plan
