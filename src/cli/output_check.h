// Whether a file that a command will write at its end can be written, asked before the work.
#pragma once

#include <filesystem>
#include <string_view>

namespace isobar::cli {

/// Throws UserError naming `option`, the file and the reason. Leaves nothing behind.
void check_can_write(std::string_view option, const std::filesystem::path& file);

}  // namespace isobar::cli
