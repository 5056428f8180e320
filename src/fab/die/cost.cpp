#include "fab/die/cost.h"

#include <algorithm>
#include <cmath>

namespace isobar::fab {
namespace {

/// Of the dies that passed the test before assembly, the share that works after all.
double known_good(double yield, double coverage) {
  return yield / (yield + (1 - yield) * (1 - coverage));
}

}  // namespace

DieCost die_cost(const DieKind& die, const WaferConstants& wafer) {
  DieCost out;
  const double side = std::sqrt(die.area);
  out.per_wafer = dies_per_wafer(side, side, wafer);
  const double defects = die.node->defects.value, alpha = wafer.clustering.value;
  out.yield = die.harvest.cores > 0 ? harvested_yield(die.harvest, defects, alpha)
                                    : negative_binomial_yield(die.area, defects, alpha);
  // Each die is tested, sellable or not.
  out.good = (die.node->wafer_price.value / out.per_wafer + wafer.test.value) / out.yield;
  return out;
}

PackageCost package_cost(const PackageDesign& design, const Constants& constants) {
  const PackageConstants& package = constants.package;
  PackageCost out;
  out.compute = die_cost(design.compute, constants.wafer);
  const double coverage = constants.wafer.coverage.value;
  double parts = design.compute.count + design.stacks;
  double area = design.compute.area * design.compute.count;
  out.silicon = out.compute.good * design.compute.count;
  out.yield = std::pow(known_good(out.compute.yield, coverage), design.compute.count);
  out.once = design.compute.node->masks.value + design.compute.node->design.value;
  if (design.io) {
    out.io = die_cost(*design.io, constants.wafer);
    parts += design.io->count;
    area = std::max(area, design.io->area * design.io->count);  // compute dies stand on I/O dies
    out.silicon += out.io.good * design.io->count;
    out.yield *= std::pow(known_good(out.io.yield, coverage), design.io->count);
    out.once += design.io->node->masks.value;
  }
  const double carried = area + design.stacks * package.stack_area.value;
  const double substrate = carried * package.substrate_margin.value * package.substrate.value;
  out.carrier = substrate;
  if (design.carrier == Carrier::kInterposer)
    out.carrier += carried * package.interposer_margin.value * package.interposer.value;
  // A single flip chip is placed as surely as its package is assembled.
  if (parts > 1) out.yield *= std::pow(package.bonding.value, parts);
  out.memory = design.memory_gb * design.memory_price;
  out.assembly = package.assembly.value + package.final_test.value;
  // What is in the package is lost with it; DRAM on the board is not.
  const double inside =
      out.silicon + out.carrier + out.assembly + (design.stacks > 0 ? out.memory : 0);
  out.lost = inside * (1 / out.yield - 1);
  out.once /= design.volume;
  return out;
}

}  // namespace isobar::fab
