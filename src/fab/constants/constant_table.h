// Every constant, walked in one fixed order: the reader, the sampler and the tests share it.
#pragma once

#include <fmt/format.h>

#include <string>

#include "fab/constants/constants.h"

namespace isobar::fab {

/// Calls visit(table, key, Ranged&) for each: table "node.N7", key "bit_cell". The maps' entries
/// must exist already.
template <class All, class Visit>
void for_each_constant(All& c, const Visit& visit) {
  const auto area = [&](const char* key, auto& r) { visit("area", key, r); };
  area("fp64", c.area.fp64);
  area("fp32", c.area.fp32);
  area("int32", c.area.int32);
  area("matrix16", c.area.matrix16);
  area("matrix64", c.area.matrix64);
  area("datapath", c.area.datapath);
  area("registers", c.area.registers);
  area("l1", c.area.l1);
  area("shared", c.area.shared);
  area("issue_slot", c.area.issue_slot);
  area("crosspoint", c.area.crosspoint);
  area("ray_unit", c.area.ray_unit);
  area("overhead", c.area.overhead);
  area("serdes_phy", c.area.serdes_phy);
  area("serdes_logic", c.area.serdes_logic);
  area("pcie_phy", c.area.pcie_phy);
  area("pcie_logic", c.area.pcie_logic);
  const auto wafer = [&](const char* key, auto& r) { visit("wafer", key, r); };
  wafer("diameter", c.wafer.diameter);
  wafer("edge", c.wafer.edge);
  wafer("scribe", c.wafer.scribe);
  wafer("reticle", c.wafer.reticle);
  wafer("clustering", c.wafer.clustering);
  wafer("test", c.wafer.test);
  wafer("coverage", c.wafer.coverage);
  const auto package = [&](const char* key, auto& r) { visit("package", key, r); };
  package("interposer", c.package.interposer);
  package("interposer_margin", c.package.interposer_margin);
  package("substrate", c.package.substrate);
  package("substrate_margin", c.package.substrate_margin);
  package("assembly", c.package.assembly);
  package("bonding", c.package.bonding);
  package("final_test", c.package.final_test);
  package("stack_area", c.package.stack_area);
  const auto market = [&](const char* key, auto& r) { visit("market", key, r); };
  market("tapeout_base", c.market.tapeout_base);
  market("package_weeks", c.market.package_weeks);
  market("test_effort", c.market.test_effort);
  market("package_effort", c.market.package_effort);
  market("clustering", c.market.clustering);
  market("engineers", c.market.engineers);
  market("parallel", c.market.parallel);
  market("unique", c.market.unique);
  market("share", c.market.share);
  const auto running = [&](const char* key, auto& r) { visit("running", key, r); };
  running("years", c.running.years);
  running("system", c.running.system);
  running("electricity", c.running.electricity);
  running("building", c.running.building);
  const auto power = [&](const char* key, auto& r) { visit("power", key, r); };
  power("flop", c.power.flop);
  power("dram_bit", c.power.dram_bit);
  power("core", c.power.core);
  power("rest", c.power.rest);
  for (auto& [name, speed] : c.node_speeds) {
    visit("speed." + name, "clock", speed.clock);
    visit("speed." + name, "energy", speed.energy);
  }
  for (auto& [name, node] : c.nodes) {
    const std::string table = "node." + name;
    visit(table, "logic_density", node.logic_density);
    visit(table, "bit_cell", node.bit_cell);
    visit(table, "wafer_price", node.wafer_price);
    visit(table, "defects", node.defects);
    visit(table, "masks", node.masks);
    visit(table, "design", node.design);
  }
  for (auto& [name, interface] : c.interfaces) {
    visit("interface." + name, "phy", interface.phy);
    visit("interface." + name, "controller", interface.controller);
  }
  for (auto& [name, price] : c.memory_prices) visit("memory." + name, "price", price);
  for (auto& [nanometres, node] : c.market_nodes) {
    const std::string table = fmt::format("market_node.{}", nanometres);
    visit(table, "difficulty", node.difficulty);
    visit(table, "density", node.density);
    visit(table, "defects", node.defects);
    visit(table, "wafers_per_hour", node.wafers_per_hour);
    visit(table, "fab_weeks", node.fab_weeks);
    visit(table, "wafer_price", node.wafer_price);
    visit(table, "masks", node.masks);
    visit(table, "licences", node.licences);
    visit(table, "layout_per_gate", node.layout_per_gate);
  }
}

}  // namespace isobar::fab
