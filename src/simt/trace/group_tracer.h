// Executes work-groups one by one and hands out what each of their warps did: the timed machine's
// door. The execution is launch()'s own, warp by warp in the same order, so numbers, faults and
// counts are those of a functional launch on one host thread.
//
//   GroupTracer tracer(*program, memory, config);
//   std::vector<WarpTrace> traces;
//   tracer.start(group, traces);
//   while (tracer.advance(100'000)) { read from the traces }
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "simt/launch.h"
#include "simt/trace/trace.h"

namespace isobar::simt {

class GroupTracer {
 public:
  GroupTracer(Program& program, GlobalMemory& memory, const LaunchConfig& config);
  ~GroupTracer();
  GroupTracer(const GroupTracer&) = delete;
  GroupTracer& operator=(const GroupTracer&) = delete;

  /// Sets a work-group up; its warps write into `traces`, resized to their number and cleared,
  /// which must stay where they are until the group has ended.
  void start(std::uint64_t linear_group, std::vector<WarpTrace>& traces);
  /// Executes until the warps have written about so many words since, every warp having had its
  /// turns; drops what was read before. False: the group has ended, well or with a fault.
  bool advance(std::size_t words);

  [[nodiscard]] const std::optional<Fault>& fault() const;
  /// What all groups so far did.
  [[nodiscard]] Counters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace isobar::simt
