// What a die and a package cost to make: wafers, defects, spare cores, chiplets, HBM, interposer or
// substrate, assembly, test, and masks and design spread over the volume. It is the maker's cost;
// margins, software, support and taxes are not here.
// Peers: Y. Feng and K. Ma, Chiplet Actuary, DAC 2022; Moonwalk, ASPLOS 2017.
#pragma once

#include <cstdint>
#include <optional>

#include "fab/constants/constants.h"
#include "fab/die/yield.h"

namespace isobar::fab {

/// One kind of die in a package. Square; a rectangle of the reticle's shape differs by less than
/// the edge loss's uncertainty.
struct DieKind {
  double area = 0;          // mm2
  std::uint32_t count = 1;  // per package
  const ProcessNode* node = nullptr;
  HarvestedDie harvest;  // cores == 0: every core must work, or it is not known
};
struct DieCost {
  double per_wafer = 0;  // dies, good or not
  double yield = 0;      // sellable ones among them
  double good = 0;       // dollars per sellable die, tested
};
[[nodiscard]] DieCost die_cost(const DieKind& die, const WaferConstants& wafer);

enum class Carrier : std::uint8_t { kSubstrate, kInterposer };
struct PackageDesign {
  DieKind compute;
  std::optional<DieKind> io;
  Carrier carrier = Carrier::kSubstrate;
  double stacks = 0;        // of HBM
  double memory_gb = 0;     // DRAM in the package or on the board
  double memory_price = 0;  // dollars per GB
  double volume = 1e6;      // packages
};
/// Dollars per good package; the parts sum to total.
struct PackageCost {
  DieCost compute, io;
  double silicon = 0, memory = 0, carrier = 0, assembly = 0, lost = 0, once = 0;
  double yield = 0;  // of assembly
  [[nodiscard]] double total() const { return silicon + memory + carrier + assembly + lost + once; }
};
[[nodiscard]] PackageCost package_cost(const PackageDesign& design, const Constants& constants);

}  // namespace isobar::fab
