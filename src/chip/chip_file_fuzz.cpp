// Any bytes are either a chip file or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "chip/chip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const isobar::chip::Chip chip = isobar::chip::parse_chip(
        std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
    if (chip.core.count == 0 || chip.peak_fp32().count() <= 0) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
