// Quantities with units as chip files write them: "1.6 GHz", "128 KiB", "400 GB/s", "5 us",
// "128 B/cycle". One number, at most one space, one unit in its exact spelling; no sign, no
// exponent. KiB is 1024 bytes and kB 1000, as ISO/IEC 80000-13 has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace isobar::chip {

/// What a parameter measures; it decides the units that are understood.
enum class Dimension : std::uint8_t {
  kText,
  kChoice,  // a text of a few
  kCount,
  kBytes,
  kBytesPerCycle,
  kFrequency,
  kBandwidth,
  kTime,
  kRate,  // operations per second, of whatever kind
  kArea,  // of silicon
  kPower,
  kEnergy
};

/// In base units (bytes, hertz, bytes/s, seconds, operations/s, mm2, watts, joules); nothing if it
/// is not such a quantity. Bytes that are not whole ("1.3 B") are nothing, too.
[[nodiscard]] std::optional<double> parse_quantity(std::string_view text, Dimension dimension);

/// The units of a dimension, smallest first, for messages: "Hz, kHz, MHz, GHz". Empty for texts and
/// counts.
[[nodiscard]] std::string unit_names(Dimension dimension);

/// In the largest unit that needs no more than four digits, and that parse_quantity reads back:
/// "1.6 GHz". Counts are printed as they are.
[[nodiscard]] std::string format_quantity(double value, Dimension dimension);

}  // namespace isobar::chip
