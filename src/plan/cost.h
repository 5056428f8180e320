// What a run costs: chip-hours, electricity, money. The price of a chip-hour is the user's, as
// rented or as written off; a price that includes electricity goes with an electricity price of 0.
#pragma once

#include "base/units.h"

namespace isobar::plan {

struct Prices {
  double chip_hour = 0;  // in the user's currency; 0: not known
  double kilowatt_hour = 0;
};

struct PowerDraw {
  Watts chip{0};          // of the data sheet; 0: not known
  double load = 0.9;      // of that, while training
  Watts host{300};        // per chip: processors, network, fans (DGX H100: 575 at most)
  double overhead = 1.2;  // power usage effectiveness: of the building over that of the machines
};

struct RunCost {
  double chip_hours = 0;
  double megawatt_hours = 0;  // 0 where the chip's power is not known
  double rent = 0, electricity = 0;
  [[nodiscard]] double total() const { return rent + electricity; }
  double joules_per_token = 0;
  double tokens_per_unit = 0;  // of currency; 0 where nothing has a price
};

/// Spares are paid for as well: they belong to `chips`.
[[nodiscard]] RunCost run_cost(Seconds wall_clock, double chips, double tokens,
                               const PowerDraw& draw, const Prices& prices);

}  // namespace isobar::plan
