// The kernels of suite `simt`, written as an ordinary OpenCL programmer would, with inputs that are
// the same on every run and device, and how far two devices' results may lie apart.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bench/session.h"

namespace isobar::bench {

using Values = std::variant<std::vector<float>, std::vector<std::uint32_t>>;

/// A workload on one device, with its buffers filled.
struct Instance {
  std::function<void()> enqueue;  // the same result however often it runs, but for saxpy
  std::function<Values()> result;
};

enum class Size : std::uint8_t { kTest, kQuick, kFull };

struct Workload {
  const char* name;
  bool in_mean;      // one of the ten of the geometric means
  double tolerance;  // |a - b| <= tolerance * max(|b|, magnitude); 0: bit for bit
  double magnitude;
  const char* reason;  // why results may differ at all
  Instance (*prepare)(Session& session, Size size);
};

[[nodiscard]] std::span<const Workload> workloads();

/// Nothing if `ours` is as near to `peer` as the workload demands, else a sentence naming the first
/// element that is not.
[[nodiscard]] std::optional<std::string> disagreement(const Workload& workload, const Values& ours,
                                                      const Values& peer);

}  // namespace isobar::bench
