#include "explain/trace/trace.h"

#include <algorithm>
#include <tuple>

namespace isobar::explain {

std::uint32_t Names::number_of(std::string_view name) {
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  const auto added = numbers_.emplace(std::string(name), number).first;
  texts_.push_back(&added->first);
  return number;
}

std::uint32_t blocks(const DeviceEvent& event) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t product = 1;
  for (const std::uint32_t side : event.grid) product = std::min(product * side, kMost);
  return static_cast<std::uint32_t>(product);
}

namespace {

/// The last call of that correlation that returned before the work ended: some tools repeat a trace
/// and with it the numbers.
Nanoseconds launch_of(const DeviceEvent& event, const std::deque<HostLaunch>& launches) {
  if (event.correlation == 0) return kUnknownTime;
  const auto after = std::ranges::upper_bound(
      launches, std::tuple(event.correlation, event.end), std::less<>{},
      [](const HostLaunch& launch) { return std::tuple(launch.correlation, launch.end); });
  if (after == launches.begin()) return kUnknownTime;
  const HostLaunch& launch = *(after - 1);
  return launch.correlation == event.correlation ? launch.end : kUnknownTime;
}

}  // namespace

void finish(Trace& trace) {
  std::ranges::sort(trace.launches, {}, [](const HostLaunch& launch) {
    return std::tuple(launch.correlation, launch.end);
  });
  const auto key = [](const DeviceEvent& event) {
    return std::tuple(event.begin, event.stream, event.end, event.correlation, event.name);
  };
  std::ranges::sort(trace.device, {}, key);
  // Merging files of one rank writes events twice; without a launch to tell them apart, two equal
  // ones of no length may be two.
  const auto twice = std::ranges::unique(trace.device, [&](const auto& a, const auto& b) {
    return a.correlation != 0 && key(a) == key(b);
  });
  trace.repeated = twice.size();
  trace.device.erase(twice.begin(), twice.end());
  for (DeviceEvent& event : trace.device) event.launched = launch_of(event, trace.launches);
  trace.launches.clear();
  trace.launches.shrink_to_fit();
  std::ranges::sort(trace.operations, {}, &Operation::id);
  std::ranges::sort(trace.steps, {}, [](const StepMark& step) {
    return std::tuple(step.begin, step.end, step.number);
  });
  // The same step, seen by several threads.
  const auto repeated = std::ranges::unique(
      trace.steps, [](const StepMark& a, const StepMark& b) { return b.begin < a.end; });
  trace.steps.erase(repeated.begin(), repeated.end());
}

}  // namespace isobar::explain
