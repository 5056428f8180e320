// What an option's number may be. Every option with a number has one of these checks
// (number_check_test.cpp holds all commands to it), because CLI11 alone reads "nan", "0x10", "010"
// as eight and numbers that wrap, and its own ranges let a NaN pass.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace isobar::cli {

/// Beyond these a positive number is a slip of the keyboard, and sums overflow or vanish.
inline constexpr double kSmallestPositive = 1e-18, kLargestPositive = 1e18;
/// The largest seed: what a run's config.toml holds.
inline constexpr std::int64_t kLargestSeed = std::int64_t{1} << 62U;

/// A whole number from `low` to `high`, both included.
[[nodiscard]] CLI::Validator whole_number(std::int64_t low, std::int64_t high);

/// A number from `low` to `high`, both included.
[[nodiscard]] CLI::Validator number(double low, double high);

/// A number above 0, or (where `zero` may be) 0, within the two bounds above.
[[nodiscard]] CLI::Validator positive_number(bool zero = false);

}  // namespace isobar::cli
