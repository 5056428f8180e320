// The collectives of a layout, one by one: among whom, how many bytes, over which level of the
// network, by which algorithm, and how long each takes by itself. step_time.h adds them up and says
// what of them computation hides.
#pragma once

#include <string>
#include <vector>

#include "plan/network/collectives.h"
#include "plan/step/layer_time.h"

namespace isobar::plan {

struct Transfer {
  std::string what;       // "gradients, once per step"
  std::string algorithm;  // "tree"
  Group group;
  double bytes = 0;  // of the message
  double seconds = 0;
  std::string level;  // the outermost that it crosses
};

[[nodiscard]] std::vector<Transfer> transfers(const Setting& setting, const Layout& layout);

}  // namespace isobar::plan
