#include "fab/die/area.h"

#include <algorithm>

namespace isobar::fab {
namespace {

template <class T>
double number(const chip::Figure<T>& figure) {
  if constexpr (std::is_arithmetic_v<T>)
    return static_cast<double>(figure.value.value_or(0));
  else
    return static_cast<double>(figure.value.value_or(T(0)).count());
}

/// Cells of a memory, in mm2, before decoders, sense amplifiers and ports.
double cells(double bytes, const ProcessNode& node) {
  return bytes * 8 * node.bit_cell.value * 1e-6;
}

}  // namespace

std::string missing_for_area(const chip::Datasheet& sheet, const Constants& constants) {
  std::string missing;
  const auto need = [&](bool there, const std::string& what) {
    if (!there) missing += (missing.empty() ? "" : ", ") + what;
  };
  const chip::Floorplan& plan = sheet.floorplan;
  if (!plan.cores && !plan.schedulers && !plan.register_file && !plan.l1 && !plan.l2)
    return "the micro-architecture ([floorplan])";
  need(plan.cores.value.has_value(), "floorplan.cores");
  need(plan.schedulers.value.has_value(), "floorplan.schedulers");
  need(plan.fp32_lanes.value.has_value(), "floorplan.fp32_lanes");
  need(plan.matrix_fp16.value.has_value(), "floorplan.matrix_fp16");
  need(plan.register_file.value.has_value(), "floorplan.register_file");
  need(plan.l1.value.has_value(), "floorplan.l1");
  need(plan.l2.value.has_value(), "floorplan.l2");
  need(plan.memory_width.value.has_value(), "floorplan.memory_width");
  if (!plan.memory_interface)
    need(false, "floorplan.memory_interface");
  else
    need(constants.interface(*plan.memory_interface) != nullptr,
         "a known floorplan.memory_interface (it is " + *plan.memory_interface + ")");
  if (!sheet.process.node)
    need(false, "process.node");
  else
    need(constants.node(*sheet.process.node) != nullptr,
         "a known process.node (it is " + *sheet.process.node + "; " +
             constants.nodes_like(*sheet.process.node) + "there are " + constants.node_names() +
             ")");
  return missing;
}

AreaEstimate estimate_area(const chip::Floorplan& plan, const ProcessNode& node,
                           const MemoryInterface& memory, const AreaConstants& constants) {
  const double cores = number(plan.cores);
  const double width = number(plan.memory_width);
  const auto logic = [&](double transistors) {
    return transistors / (node.logic_density.value * 1e6);
  };
  const double vector_lanes = constants.fp64.value * number(plan.fp64_lanes) +
                              constants.fp32.value * number(plan.fp32_lanes) +
                              constants.int32.value * number(plan.int32_lanes);
  const double matrix = constants.matrix16.value * number(plan.matrix_fp16) +
                        constants.matrix64.value * number(plan.matrix_fp64);
  AreaEstimate out;
  out.blocks = {
      {"vector pipes", logic(cores * vector_lanes * constants.datapath.value)},
      {"matrix units", logic(cores * matrix * constants.datapath.value)},
      {"register files",
       cores * cells(number(plan.register_file), node) * constants.registers.value},
      {"first-level memory", cores * cells(number(plan.l1), node) * constants.l1.value},
      {"issue, load and store",
       logic(cores * number(plan.schedulers) * constants.issue_slot.value)},
      {"graphics", logic(cores * number(plan.ray_units) * constants.ray_unit.value)},
      {"shared memory", cells(number(plan.l2), node) * constants.shared.value},
      {"interconnect", logic(cores * width / 64 * constants.crosspoint.value)},
      {"DRAM controllers", logic(width * memory.controller.value)},
      {"DRAM PHYs", width * memory.phy.value},
      {"links", number(plan.link_lanes) *
                        (constants.serdes_phy.value + logic(constants.serdes_logic.value)) +
                    number(plan.pcie_lanes) *
                        (constants.pcie_phy.value + logic(constants.pcie_logic.value))},
  };
  double sum = 0;
  for (const AreaBlock& block : out.blocks) sum += block.mm2;
  out.total = sum / (1 - constants.overhead.value);
  out.blocks.push_back({"pads, clocks, white space", out.total - sum});
  constexpr std::size_t kBlocksOfCores = 6;
  for (std::size_t i = 0; i < kBlocksOfCores && cores > 0; ++i)
    out.cores += out.blocks[i].mm2 / cores;
  return out;
}

std::vector<PublishedDie> published_dies(const Constants& constants) {
  std::vector<PublishedDie> dies, incomplete;
  for (const auto& path : chip::list_datasheets()) {
    chip::Datasheet sheet = chip::read_datasheet(path);
    if (!sheet.die.area || sheet.machine || !missing_for_area(sheet, constants).empty()) continue;
    // Products that share a die have its area, its cores and its node.
    const bool known = std::ranges::any_of(dies, [&](const PublishedDie& other) {
      return *other.sheet.die.area == *sheet.die.area &&
             *other.sheet.floorplan.cores == *sheet.floorplan.cores &&
             *other.sheet.process.node == *sheet.process.node;
    });
    if (known) continue;
    const bool complete = !sheet.floorplan.others;
    (complete ? dies : incomplete).push_back({std::move(sheet), complete});
  }
  std::ranges::move(incomplete, std::back_inserter(dies));
  return dies;
}

}  // namespace isobar::fab
