// Any bytes are either runs or a UserError; each run is either modelled, with a finite time, or
// says why not.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "plan/calibration/predict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::plan;
  try {
    for (const Run& run :
         parse_runs(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.csv")) {
      const auto setting = setting_of(run);
      if (const auto* reason = std::get_if<Unmodelled>(&setting)) {
        if (reason->reason.empty()) __builtin_trap();
        continue;
      }
      const RunSetting& modelled = std::get<RunSetting>(setting);
      if (!std::isfinite(predict(modelled, Coefficients{}).step.seconds)) __builtin_trap();
    }
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
