#include "plan/cost.h"

namespace isobar::plan {

RunCost run_cost(Seconds wall_clock, double chips, double tokens, const PowerDraw& draw,
                 const Prices& prices) {
  RunCost cost;
  cost.chip_hours = wall_clock.count() / 3600 * chips;
  if (draw.chip.count() > 0) {
    const double watts = (draw.chip.count() * draw.load + draw.host.count()) * draw.overhead;
    cost.megawatt_hours = cost.chip_hours * watts * 1e-6;
    if (tokens > 0) cost.joules_per_token = cost.megawatt_hours * 3.6e9 / tokens;
  }
  cost.rent = cost.chip_hours * prices.chip_hour;
  cost.electricity = cost.megawatt_hours * 1000 * prices.kilowatt_hour;
  if (cost.total() > 0) cost.tokens_per_unit = tokens / cost.total();
  return cost;
}

}  // namespace isobar::plan
