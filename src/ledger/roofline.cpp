#include "ledger/roofline.h"

#include <algorithm>
#include <limits>

namespace isobar::ledger {

double RooflinePoint::flops() const {
  return static_cast<double>(flops_fp16) + static_cast<double>(flops_fp32) +
         static_cast<double>(flops_fp64);
}

double RooflinePoint::intensity() const {
  if (dram_bytes == 0) return flops() > 0 ? std::numeric_limits<double>::infinity() : 0;
  return flops() / static_cast<double>(dram_bytes);
}

double RooflinePoint::flops_per_second() const { return seconds > 0 ? flops() / seconds : 0; }

double RooflinePoint::bytes_per_second() const {
  return seconds > 0 ? static_cast<double>(dram_bytes) / seconds : 0;
}

double RooflinePoint::arithmetic_roof(const Roofs& roofs) const {
  if (flops() == 0) return roofs.fp32_flops;
  const double at_peak = static_cast<double>(flops_fp16) / roofs.fp16_flops +
                         static_cast<double>(flops_fp32) / roofs.fp32_flops +
                         static_cast<double>(flops_fp64) / roofs.fp64_flops;
  return flops() / at_peak;
}

double RooflinePoint::roof(const Roofs& roofs) const {
  return std::min(arithmetic_roof(roofs), intensity() * roofs.dram_bytes_per_second);
}

bool RooflinePoint::is_under_memory_roof(const Roofs& roofs) const {
  return intensity() * roofs.dram_bytes_per_second < arithmetic_roof(roofs);
}

double RooflinePoint::reached(const Roofs& roofs) const {
  return is_under_memory_roof(roofs) ? bytes_per_second() / roofs.dram_bytes_per_second
                                     : flops_per_second() / arithmetic_roof(roofs);
}

}  // namespace isobar::ledger
