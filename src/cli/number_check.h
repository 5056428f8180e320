// Checks of an option's number before it is converted, so that a negative count or a time that is
// no number is refused with what would be right.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <string>

namespace isobar::cli {

/// A whole number from `low` to `high`.
inline CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return {[low, high](std::string& text) -> std::string {
            std::int64_t value = 0;
            if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high) return {};
            return fmt::format("is {}, but must be a whole number from {} to {}", text, low, high);
          },
          ""};
}

/// A finite number, positive or (where `zero` may be) not negative.
inline CLI::Validator positive_number(bool zero = false) {
  return {[zero](std::string& text) -> std::string {
            double value = 0;
            const bool reads = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
            if (reads && (value > 0 || (zero && value == 0))) return {};
            return fmt::format("is {}, but must be {}", text,
                               zero ? "0 or a positive number" : "a positive number");
          },
          ""};
}

}  // namespace isobar::cli
