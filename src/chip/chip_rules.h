// What no single key of a chip file can promise: that its counts, sizes and choices make a machine.
// Whatever passes here can be built by timing/ and runs; the fuzzer of the chip file holds that.
#pragma once

#include "chip/chip.h"
#include "chip/key_places.h"

namespace isobar::chip {

/// Throws UserError at the first contradiction, with the place of the key to change.
void check_rules(const File& file, const Chip& chip);

}  // namespace isobar::chip
