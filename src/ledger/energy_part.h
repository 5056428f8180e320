// The parts of energy: what the timed machine's account of it is divided into, and reports name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace isobar::ledger {

enum class EnergyPart : std::uint8_t {
  kInstructions,  // fetch, decode, scheduling
  kArithmetic,    // what lanes compute, addresses included
  kRegisters,
  kLocalMemory,
  kL1,
  kL2,
  kNetwork,
  kDram,
  kStatic,
  kCount
};
inline constexpr std::size_t kEnergyParts = static_cast<std::size_t>(EnergyPart::kCount);

[[nodiscard]] constexpr std::string_view name(EnergyPart part) {
  constexpr std::array<std::string_view, kEnergyParts> kNames{
      "instructions", "arithmetic", "registers", "local memory", "L1",
      "L2",           "network",    "DRAM",      "static"};
  return kNames[static_cast<std::size_t>(part)];
}

}  // namespace isobar::ledger
