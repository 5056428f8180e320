#include "fab/time_to_market.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "fab/die/yield.h"

namespace isobar::fab {
namespace {

constexpr double kHoursPerWeek = 168, kWorkingHours = 40;

/// That paper's count: no scribe lines, no unusable rim.
double paper_dies_per_wafer(double area) {
  constexpr double kDiameter = 300;
  return std::numbers::pi * kDiameter * kDiameter / 4 / area -
         std::numbers::pi * kDiameter / std::sqrt(2 * area);
}

/// After M. Khazraee et al., Moonwalk, ASPLOS 2017, as that paper updates it. Dollars.
double creation_cost(const MarketPlan& plan, const MarketNode& node, double hours, double weeks,
                     double wafers) {
  constexpr double kLabourWeek = 100e3 / 52, kLicenceWeek = 20e3 / 4, kPackageDesign = 105e3;
  constexpr double kTransistorsPerGate = 6, kPackage = 20, kAssembly = 1;
  const double tapeout =
      node.licences.value + kLicenceWeek * hours / kWorkingHours +
      kLabourWeek * plan.engineers * weeks +
      node.layout_per_gate.value * plan.unique_transistors / kTransistorsPerGate + kPackageDesign;
  return tapeout + node.masks.value + node.wafer_price.value * wafers +
         plan.chips * (kPackage + kAssembly);
}

}  // namespace

MarketTime time_to_market(const MarketPlan& plan, const MarketNode& node,
                          const MarketConstants& constants) {
  MarketTime out;
  const double hours =
      constants.tapeout_base.value + plan.unique_transistors * node.difficulty.value;
  out.tapeout = hours * (1 - plan.parallel + plan.parallel / plan.engineers) / kWorkingHours;

  const double area = plan.area > 0 ? plan.area : plan.transistors / 1e6 / node.density.value;
  const double yield = plan.die_yield > 0 ? plan.die_yield
                                          : negative_binomial_yield(area, node.defects.value,
                                                                    constants.clustering.value);
  out.wafers = plan.chips * plan.dies_per_package / yield / paper_dies_per_wafer(area);
  const double rate = node.wafers_per_hour.value * plan.capacity;
  // The wafers ahead of ours were counted at full capacity; they leave at the rate there is.
  const bool none = !(rate > 0) || !(out.wafers > 0);
  constexpr double kNever = std::numeric_limits<double>::infinity();
  out.queue = none ? kNever : plan.queue_weeks / plan.capacity;
  out.fabrication = none ? kNever : node.fab_weeks.value + out.wafers / rate / kHoursPerWeek;
  const double at_least = constants.package_weeks.value;
  out.packaging = at_least + plan.transistors * constants.test_effort.value +
                  area * constants.package_effort.value;
  // d weeks / d rate, in closed form: the wafers' part and the queue's go with 1 / rate.
  const double full_queue = plan.queue_weeks * node.wafers_per_hour.value;
  out.agility = none ? 0 : rate * rate / (out.wafers / kHoursPerWeek + full_queue);
  out.cost = creation_cost(plan, node, hours, out.tapeout, out.wafers);
  return out;
}

}  // namespace isobar::fab
