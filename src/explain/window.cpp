#include "explain/window.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"

namespace isobar::explain {
namespace {

/// When each step's first work began on the device; kUnknownTime where it had none.
std::vector<Nanoseconds> beginnings(const Trace& trace, std::int64_t device) {
  std::vector<Nanoseconds> found(trace.steps.size(), kUnknownTime);
  for (const DeviceEvent& event : trace.device) {
    if (trace.streams[event.stream].device != device) continue;
    // Where nobody says when it was launched, the clock of the device has to do.
    const Nanoseconds asked = event.launched == kUnknownTime ? event.begin : event.launched;
    auto after = std::ranges::upper_bound(trace.steps, asked, {}, &StepMark::begin);
    if (after == trace.steps.begin()) continue;
    Nanoseconds& begin = found[static_cast<std::size_t>(after - trace.steps.begin()) - 1];
    if (begin == kUnknownTime) begin = event.begin;  // events come in the order of `begin`
  }
  return found;
}

std::string numbers(const Trace& trace) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < trace.steps.size() && i < kMost; ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(trace.steps[i].number);
  return trace.steps.size() > kMost ? text + ", ..." : text;
}

}  // namespace

std::optional<Window> window_of(const Trace& trace, std::int64_t device,
                                std::optional<std::int64_t> step) {
  Window whole;
  bool any = false;
  for (const DeviceEvent& event : trace.device) {
    if (trace.streams[event.stream].device != device) continue;
    if (!any) whole.begin = whole.end = event.begin;
    any = true;
    whole.end = std::max(whole.end, event.end);
  }
  if (!any) return std::nullopt;

  const std::vector<Nanoseconds> begins = beginnings(trace, device);
  std::optional<Window> found;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    if (begins[i] == kUnknownTime || (step && trace.steps[i].number != *step)) continue;
    const auto next =
        std::find_if(begins.begin() + static_cast<std::ptrdiff_t>(i) + 1, begins.end(),
                     [&](Nanoseconds begin) { return begin > begins[i]; });
    const Nanoseconds end = next == begins.end() ? whole.end : *next;
    if (!found) found = Window{begins[i], end, 0};
    found->end = std::max(found->end, end);
    ++found->steps;
  }
  if (found) return found;
  if (step)
    fail("{}: no step {} did work on device {} (the trace {})", trace.name, *step, device,
         trace.steps.empty() ? std::string("marks no steps") : "has steps " + numbers(trace));
  return whole;
}

}  // namespace isobar::explain
