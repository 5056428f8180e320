// Any bytes are either a run that says something or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "fab/training_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::fab;
  try {
    const TrainingRun run = parse_training_run(
        std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.json");
    if (!run.mfu && !run.tokens_per_chip_second) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
