#include "plan/network/topology.h"

#include <algorithm>

namespace isobar::plan {
namespace {

/// What a group occupies of one dimension of a torus.
struct Extent {
  double members = 1;
  double step = 1;     // links from a member to the next; as many groups share them
  bool wraps = false;  // all the way round
};

std::vector<Extent> extents(const Level& level, Span span) {
  std::vector<Extent> list;
  const std::uint64_t stride = std::max(1U, span.stride);
  const std::uint64_t end = stride * span.members;
  std::uint64_t below = 1;  // chips in one line of the dimensions before
  for (const std::uint32_t size : level.dimensions) {
    const std::uint64_t first = std::max(stride, below);
    const std::uint64_t last = std::min(end, below * size);
    if (last > first) {
      Extent extent;
      const std::uint64_t members = (last + first - 1) / first;
      extent.members = static_cast<double>(members);
      extent.step = static_cast<double>(first) / static_cast<double>(below);
      extent.wraps = extent.members * extent.step >= size;
      list.push_back(extent);
    }
    below *= size;
  }
  return list;
}

/// Of what a chip sends over all its links, what goes one way along one dimension.
double one_way(const Level& level) {
  return level.bandwidth / (2.0 * static_cast<double>(level.dimensions.size()));
}

double torus_gather(const Level& level, Span span) {
  const std::vector<Extent> along = extents(level, span);
  double narrowest = 2;
  for (const Extent& extent : along)
    narrowest = std::min(narrowest, (extent.wraps ? 2 : 1) / extent.step);
  return one_way(level) * narrowest * std::max(1.0, static_cast<double>(along.size()));
}

/// The fullest link decides. Along a ring of n the mean way is n / 4 links, half of them each way
/// round; along a line n / 4 of each chip's bytes cross the middle in each direction.
double torus_exchange(const Level& level, Span span) {
  double load = 0;  // over a member's bytes, its own share among them
  for (const Extent& extent : extents(level, span))
    load = std::max(load, extent.members / 4 * extent.step / (extent.wraps ? 2 : 1));
  const double sent = (span.members - 1.0) / span.members;
  return load > 0 ? sent * one_way(level) / load : level.bandwidth;
}

/// The part of a mesh's links that lead to members.
double mesh_share(const Level& level, Span span) {
  if (span.members <= 1 || level.chips <= 1) return 1;
  return std::min(1.0, (span.members - 1.0) / (level.chips - 1.0));
}

}  // namespace

double gather_bandwidth(const Level& level, Span span) {
  if (level.topology == Topology::kTorus) return torus_gather(level, span);
  if (level.topology == Topology::kMesh) return level.bandwidth * mesh_share(level, span);
  return level.bandwidth;
}

double gather_hops(const Level& level, Span span) {
  if (level.topology == Topology::kMesh) return span.members > 1 ? 1 : 0;
  if (level.topology != Topology::kTorus) return span.members - 1.0;
  double hops = 0;
  for (const Extent& extent : extents(level, span))
    hops += extent.wraps ? extent.members * extent.step / 2 : (extent.members - 1) * extent.step;
  return hops;
}

double exchange_bandwidth(const Level& level, Span span) {
  if (level.topology == Topology::kTorus) return torus_exchange(level, span);
  if (level.topology == Topology::kMesh) return level.bandwidth * mesh_share(level, span);
  return level.bandwidth;
}

double send_bandwidth(const Level& level) {
  if (level.topology == Topology::kTorus) return one_way(level);
  if (level.topology == Topology::kMesh && level.chips > 1)
    return level.bandwidth / (level.chips - 1.0);
  return level.bandwidth;
}

}  // namespace isobar::plan
