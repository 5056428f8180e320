// What launches did and how long they took on the simulated chip: of one launch, or summed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device/views/hot_spots.h"
#include "simt/counters.h"
#include "timing/cycle_totals.h"
#include "timing/energy.h"
#include "timing/sampled/first_order.h"

namespace isobar::device {

struct KernelStats {
  simt::Counters counters;
  Picoseconds time;
  timing::KernelTime first_order;  // functional fidelity: what `time` is made of, exactly
  timing::CycleTotals cycles;      // else: timed or extrapolated; zero in functional fidelity
  std::uint64_t timed_launches = 0, timed_warp_instructions = 0;  // by the timed machine itself
  std::uint64_t timed_groups = 0;
  std::uint64_t timed_capacity = 0;  // lane-slots that it saw
  timing::Energy energy;             // with `cycles`, on a chip that describes it
  Picoseconds margin;                // how far extrapolation may be off, two standard errors
  std::uint64_t host_nanoseconds = 0;
  std::uint64_t host_cpu_nanoseconds = 0;

  KernelStats& operator+=(const KernelStats& other);
};

/// Sums by kernel name, in order of first launch. Safe from many threads.
class KernelSums {
 public:
  struct Row {
    std::string kernel;
    KernelStats stats;
    std::vector<HotOperation> operations;  // by instruction, where somebody recorded them
  };
  void add(const std::string& kernel, const KernelStats& stats);
  /// Sets the counts to zero. Names stay, so that pointers to them live as long as this object.
  void reset();
  /// Rows with at least one launch since the last reset.
  [[nodiscard]] std::vector<Row> rows() const;
  /// The name as this object keeps it: the pointer is valid while the object lives.
  [[nodiscard]] const char* stable_name(const std::string& kernel) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace isobar::device
