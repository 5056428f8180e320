// Tables and numbers as the command line prints them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/terminal.h"
#include "base/text/columns.h"
#include "base/units.h"

namespace isobar::cli {

/// Generated kernels have names of thousands of characters.
inline constexpr std::size_t kNameWidth = 48;

/// 12.3k, 4.56M: three significant digits.
[[nodiscard]] std::string scaled(double value);
[[nodiscard]] std::string scaled(std::uint64_t value);
[[nodiscard]] std::string milliseconds(Picoseconds time);

/// A name of at most `width` bytes: of a longer one the middle is left out. Characters stay whole.
[[nodiscard]] std::string shortened(const std::string& name, std::size_t width = kNameWidth);

/// The first column to the left and shortened, the others to the right. Where the rows are wider
/// than `columns`, the last columns follow below, beside the first one again.
[[nodiscard]] std::string lay_out(std::vector<Cells> rows, std::size_t columns = kAnyWidth);

}  // namespace isobar::cli
