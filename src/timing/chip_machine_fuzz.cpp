// Any bytes are either a UserError or a chip that the timed machine can be built from. Chips too
// large to build in a fuzzer's time are left at their description.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "chip/chip.h"
#include "chip/dram_presets.h"
#include "timing/machine.h"

namespace {

bool is_small(const isobar::chip::Chip& chip) {
  constexpr std::uint64_t kLines = 1 << 18;
  const std::uint64_t lines =
      chip.core.count * (chip.l1.size / chip.l1.line + chip.icache.size / chip.icache.line) +
      chip.l2.size / chip.l2.line;
  return lines <= kLines && chip.core.count * chip.core.warps <= 1024 &&
         isobar::chip::dram_channels(chip.dram) <= 64 && isobar::chip::l2_slices(chip) <= 256;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const isobar::chip::Chip chip = isobar::chip::parse_chip(
        std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
    if (!is_small(chip)) return 0;
    const isobar::timing::Machine machine(chip);
    if (machine.now().count() != 0) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
