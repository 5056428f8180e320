// Which keys a chip file may have: those of the machine (parameters.h) and those of the data sheet
// (datasheet.h). Each has a reader of its own, and both refuse the same misspelt ones.
#pragma once

#include "base/text/toml_file.h"

namespace isobar::chip {

/// Throws UserError at the first key that is neither's.
void refuse_unknown_keys(const TomlFile& file);

}  // namespace isobar::chip
