// Work-groups that are executed without being timed, and what they leave in the caches: functional
// warming (Wunderlich et al., "SMARTS", ISCA 2003, section 3). Their warps' traces are read access
// by access; tags, dirty sectors and replacement of both levels change as if each took no time, and
// what would have moved is counted.
//
// As many groups as the chip holds take their turns, a warp's access at a time, since neighbours in
// time decide what a first level keeps. Left out: instruction fetches, which core a group would
// have come to (they go round), the order that latencies make, barriers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "chip/chip.h"
#include "simt/trace/group_tracer.h"
#include "timing/core/core.h"
#include "timing/memory/memory_system.h"

namespace isobar::timing {

/// What was executed without being timed.
struct Untimed {
  std::uint64_t warp_instructions = 0;
  LoadStoreEvents first_level;  // without cycles
  MemoryEvents memory;          // without rows
  Untimed& operator+=(const Untimed& other);
};

/// Work-groups that the whole chip holds at once.
[[nodiscard]] std::uint64_t resident_groups(const chip::Chip& chip,
                                            const simt::LaunchConfig& config);

class CacheWarmer {
 public:
  /// A launch that the cores have begun().
  struct Launch {
    const TimedProgram& timed;
    simt::Program& program;
    simt::GlobalMemory& memory;
    const simt::LaunchConfig& config;
  };
  CacheWarmer(const chip::Chip& chip, std::span<const std::unique_ptr<Core>> cores,
              MemorySystem& memory, const Launch& launch);

  /// Executes groups, in order. Between two windows. A fault ends it.
  [[nodiscard]] std::optional<simt::Fault> pass(const simt::GroupRange& groups);
  /// What each pass() did.
  [[nodiscard]] const std::vector<Untimed>& passes() const { return passes_; }
  /// What all groups executed, but for `launches`.
  [[nodiscard]] simt::Counters counters() const;

 private:
  /// A warp on its way through its trace.
  struct Walk {
    std::uint32_t core = 0, slot = 0;
    std::uint32_t at = 0;
    bool in_block = false;
  };
  struct Group {
    std::vector<simt::WarpTrace> traces;
    std::vector<Walk> warps;
    std::unique_ptr<simt::GroupTracer> tracer;  // while it is not executed to its end
  };

  [[nodiscard]] std::optional<simt::Fault> pass_together(std::uint64_t first, std::uint64_t count);
  void begin(Group& group, std::uint64_t number, std::uint64_t place);
  /// Executes more of a group. A fault, or nothing.
  [[nodiscard]] std::optional<simt::Fault> execute(Group& group);
  /// Does a warp's next access to a cache. False: its trace has none yet.
  bool step(Walk& warp, simt::WarpTrace& trace);

  const Launch launch_;
  std::span<const std::unique_ptr<Core>> cores_;
  MemorySystem& memory_;
  const std::uint64_t together_;
  const std::size_t chunk_;  // words of a group's trace that are made at a time
  std::vector<Group> groups_;
  std::vector<std::unique_ptr<simt::GroupTracer>> idle_tracers_;
  std::vector<MemoryRequest> below_;
  simt::TracedAccess access_;
  std::vector<Untimed> passes_;
};

}  // namespace isobar::timing
