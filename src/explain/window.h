// The stretch of a device's time that is explained: from the first work of a step to the first work
// of the next. A step of the host's (ProfilerStep#N) becomes one of the device's through the
// launches it made, since the device runs behind. A trace without steps is explained whole.
#pragma once

#include <cstdint>
#include <optional>

#include "explain/trace/trace.h"

namespace isobar::explain {

struct Window {
  Nanoseconds begin = 0, end = 0;
  std::uint64_t steps = 0;  // 0: the trace marks none, the window is all of it
  [[nodiscard]] Nanoseconds length() const { return end - begin; }
};

/// Of the work on `device` (Stream::device). `step` picks ProfilerStep#N, otherwise all of them;
/// throws UserError naming the steps there are. Nothing if the device did no work in it.
[[nodiscard]] std::optional<Window> window_of(const Trace& trace, std::int64_t device,
                                              std::optional<std::int64_t> step);

}  // namespace isobar::explain
