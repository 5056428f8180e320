// Tables and numbers as the command line prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"

namespace isobar::cli {

/// 12.3k, 4.56M: three significant digits.
[[nodiscard]] std::string scaled(double value);
[[nodiscard]] std::string scaled(std::uint64_t value);
[[nodiscard]] std::string milliseconds(Picoseconds time);

using Cells = std::vector<std::string>;
/// The first column to the left, the others to the right.
[[nodiscard]] std::string lay_out(const std::vector<Cells>& rows);

}  // namespace isobar::cli
