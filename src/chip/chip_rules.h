// What no single key of a chip file can promise: that its counts, sizes and choices make a machine.
// Whatever passes here can be built by timing/ and runs; the fuzzer of the chip file holds that.
#pragma once

#include "base/text/toml_file.h"
#include "chip/chip.h"

namespace isobar::chip {

/// Throws UserError at the first contradiction, with the place of the key to change.
void check_rules(const TomlFile& file, const Chip& chip);

}  // namespace isobar::chip
