// Decimal numbers in text that a person wrote: an option, a cell of a table, an environment
// variable. Only plain decimal is a number here, whatever the locale: no blanks around it, no
// base prefix, no digit grouping, nothing after it, and neither a NaN nor an infinity.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace isobar {

/// The finite number that all of `text` is: "-0.5", "1e6", ".25". Nothing otherwise, also where the
/// number is too large or too small for a double.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// The whole number that all of `text` is. Nothing otherwise; "010" is refused, since some readers
/// take it for eight.
[[nodiscard]] std::optional<std::int64_t> parse_whole_number(std::string_view text);

}  // namespace isobar
