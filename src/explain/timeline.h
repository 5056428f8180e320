// One device's time, every nanosecond of it charged once. Capacity is the window's length times the
// device's SMs (compute units, AI cores): where communication runs beside products it holds some of
// them, and the products have the rest.
//
// In each stretch between two events:
//   a compute kernel runs    communication beside it is charged the SMs that its thread blocks hold
//                            (one block, one SM; at most half of them); the rest belongs to the
//                            compute kernels, shared by their thread blocks where several run
//   only communication       all of it is exposed communication
//   only copies              exposed copies
//   nothing                  until the host had launched what came next: the host's; after: waiting
//
// A stream of which 90 % is communication serves communication: a cast on it prepares a message.
// Kernels that overlap on one stream (a graph's branches) are charged in the order of their begin.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "explain/kernel_table.h"
#include "explain/trace/trace.h"
#include "explain/window.h"

namespace isobar::explain {

enum class Charge : std::uint8_t {
  kHostBound,
  kWaiting,
  kExposedCommunication,
  kExposedPacking,  // exposed, and a compute kernel that serves communication
  kExposedCopy,
  kLentSms,
  kCompute,
  kCount
};
inline constexpr std::size_t kCharges = static_cast<std::size_t>(Charge::kCount);

/// Of all launches of one name on one device.
struct NameTotals {
  std::array<std::uint64_t, kCharges> charge{};  // ns x SM; a gap is charged to what ended it
  std::uint64_t launches = 0;
  std::uint64_t busy = 0;   // ns, overlaps counted twice
  std::uint64_t small = 0;  // launches below kSmall
  friend bool operator==(const NameTotals&, const NameTotals&) = default;
};
/// A launch shorter than this takes about as long as launching it.
inline constexpr Nanoseconds kSmall = 5000;

struct TimelineFigures {
  std::uint64_t span = 0, compute_busy = 0, communication = 0;          // ns
  std::uint64_t exposed_communication = 0, exposed_copy = 0, idle = 0;  // ns
  std::uint64_t host_bound = 0;                                         // ns, a part of idle
  std::uint64_t gaps = 0;
  std::uint64_t overlapped = 0;      // ns with compute and communication at once
  std::uint32_t lent_sms = 0;        // for most of that time
  std::uint32_t product_blocks = 0;  // of most of the time of products beside communication
};

struct Timeline {
  TimelineFigures figures;
  std::vector<NameTotals> names;  // by number of the trace's names
};

/// `classes` are of the trace's names; `sms` at least 1. Throws UserError where the window times
/// the SMs passes 2^62.
[[nodiscard]] Timeline timeline_of(const Trace& trace, std::int64_t device, const Window& window,
                                   std::uint32_t sms, const KernelTable& table,
                                   const std::vector<std::uint32_t>& classes);

}  // namespace isobar::explain
