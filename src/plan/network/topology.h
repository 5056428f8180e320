// What the wiring of chips costs collectives: the bandwidth that a group of chips finds and the
// messages that follow one another. A level's bandwidth is what one chip can send over all of its
// links together, so a switch gives all of it to any group, while a mesh or a torus gives a small
// group only the links that lead to its members.
//
// A torus gathers along all of its dimensions at once, each carrying a share of the data both ways
// round (the bucket algorithm: Barnett et al., Global combine on mesh architectures with wormhole
// routing, 1993). A group that does not go all the way round a dimension has a line there, of
// which only one direction counts. Groups whose members are interleaved share the links between
// them. Left out: rings that are routed through chips of other groups, and optical switches that
// wire a torus anew for each job.
#pragma once

#include <cstdint>

#include "plan/network/machine.h"

namespace isobar::plan {

/// Members of a group on one level: `members` chips that are `stride` apart.
struct Span {
  std::uint32_t members = 1;
  std::uint32_t stride = 1;
};

/// Bytes per second at which each member takes in the others' data, all members alike.
[[nodiscard]] double gather_bandwidth(const Level& level, Span span);
/// Messages one after the other until all have all.
[[nodiscard]] double gather_hops(const Level& level, Span span);
/// Bytes per second that each member sends to others when each sends to all, evenly.
[[nodiscard]] double exchange_bandwidth(const Level& level, Span span);
/// Bytes per second from a chip to one other.
[[nodiscard]] double send_bandwidth(const Level& level);

}  // namespace isobar::plan
