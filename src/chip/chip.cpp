#include "chip/chip.h"

#include <algorithm>

#include "base/error.h"
#include "base/file/named_file.h"
#include "chip/datasheet.h"

namespace isobar::chip {
namespace {

FlopsPerSecond peak(const Chip& chip, std::uint32_t lanes) {
  return FlopsPerSecond(2.0 * chip.core.count * lanes * chip.clock.count());
}

}  // namespace

bool Energy::is_described() const {
  const Joules events = int_op + multiply_op + fp16_op + fp32_op + fp64_op + special_op +
                        registers + instruction + local_byte + l1_byte + l2_byte + network_byte +
                        dram_byte;
  return events.count() > 0 || static_power.count() > 0;
}

FlopsPerSecond Chip::peak_fp16() const { return peak(*this, core.fp16.lanes); }
FlopsPerSecond Chip::peak_fp32() const { return peak(*this, core.fp32.lanes); }
FlopsPerSecond Chip::peak_fp64() const { return peak(*this, core.fp64.lanes); }

std::vector<std::filesystem::path> list_chips() {
  std::vector<std::filesystem::path> chips = list_datasheets();
  std::erase_if(chips, [](const auto& path) { return !describes_machine(path); });
  return chips;
}

Chip find_chip(const std::string& name_or_path) {
  if (names_a_path(name_or_path)) return read_chip(name_or_path);
  return read_chip(find_named_file(
      name_or_path, {"chip", "a path to a .toml file works too", list_datasheets()}));
}

}  // namespace isobar::chip
