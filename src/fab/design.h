// A chip that does not exist yet: what a sweep varies, and what follows from it. A design is a data
// sheet like any other, so that area, cost and export class are computed by the same code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/datasheet.h"
#include "fab/constants/constants.h"

namespace isobar::fab {

struct Design {
  std::uint32_t cores = 0;        // built; a sixteenth of them, rounded down, are spare
  std::uint32_t matrix_fp16 = 0;  // multiply-adds per core and cycle
  std::uint32_t local_kib = 0;    // first-level memory of a core
  std::uint32_t shared_mib = 0;   // second level
  std::uint32_t stacks = 0;       // of HBM
  double clock_ghz = 0;
  std::string node;
  std::string memory;  // "HBM3"

  [[nodiscard]] std::uint32_t enabled_cores() const { return cores - cores / 16; }
  [[nodiscard]] double peak() const;       // FLOP/s, 16 bit, dense
  [[nodiscard]] double bandwidth() const;  // bytes/s of the DRAM
  [[nodiscard]] double capacity() const;   // bytes of the DRAM
};

/// `count` points of a grid in a fixed order, spread evenly, or all of them. Throws UserError where
/// `only_node` leaves none.
[[nodiscard]] std::vector<Design> design_grid(std::size_t count, const std::string& only_node,
                                              const Constants& constants);
/// As the fabrication models read it.
[[nodiscard]] chip::Datasheet datasheet_of(const Design& design);
/// Watts at full load: arithmetic, DRAM traffic, cores at rest, links. constants.toml derives each.
[[nodiscard]] double power_of(const Design& design, const Constants& constants);

}  // namespace isobar::fab
