#include "cli/option/number_check.h"

#include <fmt/format.h>

#include <string>

#include "base/text/number.h"

namespace isobar::cli {

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return {[low, high](std::string& text) -> std::string {
            const auto value = parse_whole_number(text);
            if (value && *value >= low && *value <= high) return {};
            return fmt::format("is \"{}\", but must be a whole number from {} to {}", text, low,
                               high);
          },
          ""};
}

CLI::Validator number(double low, double high) {
  return {[low, high](std::string& text) -> std::string {
            const auto value = parse_number(text);
            if (value && *value >= low && *value <= high) return {};
            return fmt::format("is \"{}\", but must be a number from {} to {}", text, low, high);
          },
          ""};
}

CLI::Validator positive_number(bool zero) {
  return {[zero](std::string& text) -> std::string {
            const auto value = parse_number(text);
            if (value && zero && *value == 0) return {};
            if (value && *value >= kSmallestPositive && *value <= kLargestPositive) return {};
            return fmt::format("is \"{}\", but must be {} (at most {})", text,
                               zero ? "0 or a positive number" : "a positive number",
                               kLargestPositive);
          },
          ""};
}

}  // namespace isobar::cli
