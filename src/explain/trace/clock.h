// A trace's times as whole nanoseconds. The profilers write microseconds: integers, decimals with
// up to three digits, or (torch_npu) the same inside quotes. A double would lose the last digits of
// a date in microseconds, so the decimal text is read as it stands.
#pragma once

#include <optional>
#include <string_view>

#include "explain/trace/trace.h"

namespace isobar::explain {

/// The nanoseconds of a JSON token in microseconds; nothing for what is no number, or beyond
/// +-kLatest. Digits below a nanosecond are cut off.
[[nodiscard]] std::optional<Nanoseconds> nanoseconds_of(std::string_view token);

/// No clock shows more: 4e18 ns is the year 2096 of the Unix epoch.
inline constexpr Nanoseconds kLatest = 4'000'000'000'000'000'000;
/// And no step takes longer than ten days.
inline constexpr Nanoseconds kLongest = 864'000'000'000'000;

}  // namespace isobar::explain
