// The numbers of an assessment: area, yield, cost, time to market and efficiency of one chip under
// one set of constants. Called once with the nominal constants and once per sample of them, in an
// order of keys that never changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chip/datasheet.h"
#include "fab/constants/constants.h"

namespace isobar::fab {

struct Options;

struct ProductFigure {
  std::string_view section, label, unit;
  std::optional<double> value;
  std::string source;
  std::string missing;  // why there is no value
};
using ProductFigures = std::vector<std::pair<std::string_view, ProductFigure>>;

[[nodiscard]] ProductFigures product_figures(const chip::Datasheet& sheet,
                                             const Constants& constants, const Options& options);

}  // namespace isobar::fab
