// Any bytes are either a table of kernels or a UserError; a table answers finite, positive times.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "plan/kernel/kernel_table.h"
#include "plan/kernel/tile_wave_cost.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::plan;
  ChipUnits units;
  units.cores = 8;
  units.clock = 1e9;
  units.peak.fill(1e14);
  units.vector_flops = 1e13;
  units.bandwidth = 1e12;
  try {
    auto known =
        parse_kernel_table(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.csv");
    const TableCost cost(known, std::make_shared<TileWaveCost>(units));
    for (const KnownKernel& entry : known) {
      const double seconds = cost.time(entry.kernel).total();
      if (!std::isfinite(seconds) || seconds <= 0) __builtin_trap();
    }
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
