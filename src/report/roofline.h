// Draws a roofline: log-log, FLOP/s over FLOP per byte of DRAM, the roofs as lines, kernels as dots
// whose area is their share of the time.
#pragma once

#include <span>
#include <string>

#include "ledger/roofline.h"

namespace isobar::report {

/// A whole SVG file. Kernels without FLOPs or without DRAM traffic are named below the picture.
[[nodiscard]] std::string roofline_svg(const std::string& chip, const ledger::Roofs& roofs,
                                       std::span<const ledger::RooflinePoint> points);

}  // namespace isobar::report
