// What the fabrication models know about the world: process nodes, PHYs, wafers, packages, memory
// prices and foundries' capacity, each a nominal value with a range and a source. They stand in
// share/isobar/fab/constants.toml, where a user may replace them; nothing here is in the code.
//
// Uncertainty: a sample of the constants draws each independently from a triangular distribution
// over its range, from a counter-based generator, so that sample number i is the same everywhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace isobar::fab {

struct Ranged {
  double value = 0, low = 0, high = 0;
  std::string source;
};

struct ProcessNode {
  std::string foundry;
  bool planar = false;
  int nanometres = 0;    // what the market calls it
  Ranged logic_density;  // million transistors per mm2 of logic as it is laid out
  Ranged bit_cell;       // um2 of the high-density SRAM cell
  Ranged wafer_price;    // dollars
  Ranged defects;        // per cm2
  Ranged masks, design;  // dollars, once
};
struct MemoryInterface {
  Ranged phy;         // mm2 per data bit
  Ranged controller;  // transistors per data bit
};
/// Transistors of one unit each, overheads as factors, PHYs in mm2 per lane.
struct AreaConstants {
  Ranged fp64, fp32, int32, matrix16, matrix64, datapath;
  Ranged registers, l1, shared;  // area over that of the bit cells
  Ranged issue_slot, crosspoint, ray_unit;
  Ranged overhead;  // share of the die
  Ranged serdes_phy, serdes_logic, pcie_phy, pcie_logic;
};
struct WaferConstants {
  Ranged diameter, edge, scribe;  // mm
  Ranged reticle;                 // mm2
  Ranged clustering;              // alpha of the negative binomial
  Ranged test;                    // dollars per die
  Ranged coverage;                // of the test before assembly
};
struct PackageConstants {
  Ranged interposer, substrate;                // dollars per mm2
  Ranged interposer_margin, substrate_margin;  // over the silicon they carry
  Ranged assembly, final_test;                 // dollars per package
  Ranged bonding;                              // yield of placing one die or stack
  Ranged stack_area;                           // mm2 of one HBM stack
};
/// Of the time-to-market model; see time_to_market.h.
struct MarketConstants {
  Ranged tapeout_base;    // engineering hours
  Ranged package_weeks;   // of test, assembly and packaging, at least
  Ranged test_effort;     // weeks per transistor
  Ranged package_effort;  // weeks per mm2
  Ranged clustering, engineers, parallel, unique, share;
};
/// Of running a chip that was bought at cost.
struct RunningConstants {
  Ranged years;        // of write-off
  Ranged system;       // cost of a system over that of its chips
  Ranged electricity;  // dollars per kWh
  Ranged building;     // power of the building over the chip's
};
/// Of designs that do not exist yet.
struct PowerConstants {
  Ranged flop;      // pJ per 16-bit FLOP on N7
  Ranged dram_bit;  // pJ
  Ranged core;      // watts of one, on N7, whatever it does
  Ranged rest;      // watts
};
struct NodeSpeed {
  Ranged clock;   // GHz of a data-centre chip
  Ranged energy;  // of a switching gate, over N7's
};
struct MarketNode {
  Ranged difficulty;                    // engineering hours per unique transistor
  Ranged density;                       // million transistors per mm2
  Ranged defects;                       // per cm2
  Ranged wafers_per_hour;               // of the whole industry's supply that the data counts
  Ranged fab_weeks;                     // from wafer start to finished wafer
  Ranged wafer_price, masks, licences;  // dollars
  Ranged layout_per_gate;               // dollars
};

struct Constants {
  AreaConstants area;
  WaferConstants wafer;
  PackageConstants package;
  MarketConstants market;
  RunningConstants running;
  PowerConstants power;
  std::map<std::string, ProcessNode> nodes;
  std::map<std::string, MemoryInterface> interfaces;
  std::map<std::string, Ranged> memory_prices;   // dollars per GB
  std::map<std::string, NodeSpeed> node_speeds;  // the nodes of a sweep
  std::map<int, MarketNode> market_nodes;        // by nanometres

  /// Null where there is none of that name.
  [[nodiscard]] const ProcessNode* node(std::string_view name) const;
  [[nodiscard]] const MemoryInterface* interface(std::string_view name) const;
  /// The entry whose name the text begins with ("HBM3, five stacks"), the longest such.
  [[nodiscard]] const Ranged* memory_price(std::string_view kind) const;
  /// The data of the nearest node that has any: 6 and 7 nm are 7, 4 and 3 nm are 5.
  [[nodiscard]] const MarketNode* market_node(int nanometres) const;
  [[nodiscard]] std::string node_names() const;
  /// "did you mean N7 or N7+? " where nodes' names hold the number that `name` holds ("7nm", "7
  /// nm"); empty where none does.
  [[nodiscard]] std::string nodes_like(std::string_view name) const;
  [[nodiscard]] std::string speed_names() const;
};

/// Throws UserError with file and line at a key that is missing, unknown, or out of order.
[[nodiscard]] Constants parse_constants(std::string_view text, const std::filesystem::path& path);
[[nodiscard]] Constants read_constants(const std::filesystem::path& path);
/// share/isobar/fab/constants.toml.
[[nodiscard]] const Constants& default_constants();

/// Number `index` of the samples: each constant's value drawn from its range.
[[nodiscard]] Constants sample(const Constants& constants, std::uint32_t index);

}  // namespace isobar::fab
