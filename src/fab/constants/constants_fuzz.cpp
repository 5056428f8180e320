// Any bytes are either constants, all of them, or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "fab/constants/constant_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::fab;
  try {
    Constants constants =
        parse_constants(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
    for_each_constant(constants, [](const std::string&, const char*, const Ranged& r) {
      if (r.source.empty() || !(r.low <= r.value && r.value <= r.high)) __builtin_trap();
    });
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
