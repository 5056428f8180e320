#include "cluster/collectives.h"

#include <algorithm>
#include <cmath>

namespace isobar::cluster {
namespace {

/// The level that carries traffic between domains for so many chips.
const Level& outer_level(const Network& network, double chips) {
  const auto reach = static_cast<std::uint32_t>(std::min(chips, 4e9));
  return network.level_for(std::max(reach, network.domain() + 1));
}

double outer_bandwidth(const Network& network, Group group, Reach reach) {
  const Level& level = outer_level(network, group.domains() * network.domain());
  return level.bandwidth / level.oversubscription * reach.network;
}

double inner_bandwidth(const Network& network, Reach reach) {
  return network.levels.front().bandwidth * reach.link;
}

}  // namespace

Group group_of(std::uint32_t size, std::uint32_t stride, std::uint32_t domain) {
  Group group{std::max(1U, size), 1};
  if (stride < domain) group.per_domain = std::clamp(domain / std::max(1U, stride), 1U, group.size);
  // Members that do not fill domains evenly are as badly off as the worst-placed one.
  while (group.size % group.per_domain != 0) --group.per_domain;
  return group;
}

double all_gather(const Network& network, Group group, double bytes, Reach reach) {
  if (group.size <= 1) return 0;
  const double inside = group.per_domain;
  const double domains = group.domains();
  const double inner = (inside - 1) / inside * bytes / inner_bandwidth(network, reach) +
                       (inside - 1) * network.levels.front().latency;
  if (domains <= 1) return inner;
  // Each member brings 1/inside of the domains' data through its own card, then the domain shares.
  const double outer =
      (domains - 1) / domains * bytes / inside / outer_bandwidth(network, group, reach) +
      std::min(domains - 1, 2 * std::log2(domains) + 8) *
          outer_level(network, domains * network.domain()).latency;
  return std::max(inner, outer) + std::min(inner, outer) * 0.1;
}

double all_reduce(const Network& network, Group group, double bytes, Reach reach) {
  return 2 * all_gather(network, group, bytes, reach);
}

double all_to_all(const Network& network, Group group, double bytes, Reach reach) {
  if (group.size <= 1) return 0;
  const double size = group.size;
  const double inside = group.per_domain;
  const double inner = bytes * (inside - 1) / size / inner_bandwidth(network, reach) +
                       network.levels.front().latency;
  if (group.domains() <= 1) return inner;
  const double outer = bytes * (size - inside) / size / outer_bandwidth(network, group, reach) +
                       outer_level(network, group.domains() * network.domain()).latency;
  return std::max(inner, outer);
}

double expert_exchange(const Network& network, Group group, const ExpertTraffic& traffic,
                       Reach reach) {
  if (group.size <= 1) return 0;
  const double domains = group.domains();
  const double inside = group.per_domain;
  const double bytes = traffic.tokens * traffic.token_bytes * traffic.imbalance;
  // Inside a domain every copy but those to the own chip crosses a link.
  const double inner = bytes * traffic.active * (inside - 1) / inside;
  double time = inner / inner_bandwidth(network, reach) + 2 * network.levels.front().latency;
  if (domains > 1) {
    // Domains a token visits when its experts are drawn evenly: each is missed by all draws with
    // probability (1 - 1/domains)^active.
    double visited = domains * (1 - std::pow(1 - 1 / domains, traffic.active));
    if (traffic.domain_limit > 0) visited = std::min<double>(visited, traffic.domain_limit);
    const double away = visited * (domains - 1) / domains;
    const double outer = bytes * away / outer_bandwidth(network, group, reach) +
                         2 * outer_level(network, domains * network.domain()).latency;
    time = std::max(time, outer);
  }
  return time;
}

double send(const Network& network, std::uint32_t stride, double bytes, Reach reach) {
  const bool inside = stride < network.domain();
  if (inside) return bytes / inner_bandwidth(network, reach) + network.levels.front().latency;
  const Level& level = network.level_for(std::max(stride * 2, network.domain() + 1));
  return bytes / (level.bandwidth / level.oversubscription * reach.network) + level.latency;
}

}  // namespace isobar::cluster
