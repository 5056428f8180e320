// Any bytes are either a data sheet or a UserError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "chip/datasheet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::chip;
  try {
    const Datasheet sheet =
        parse_datasheet(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
    for (const DatasheetParameter& row : datasheet_parameters())
      if (row.get(sheet).number && row.get(sheet).source.empty()) __builtin_trap();
  } catch (const isobar::UserError& error) {
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
  return 0;
}
