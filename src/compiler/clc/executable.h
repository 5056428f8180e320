// From an object file to the program that the driver loads: lld places it in the program window,
// and two sections of ours are appended: the kernels' metadata and the line table.
#pragma once

#include <filesystem>

#include "elf/kernel_metadata.h"

namespace isobar::clc {

void link_executable(const std::filesystem::path& object, const elf::ProgramMetadata& metadata,
                     const std::filesystem::path& output);

}  // namespace isobar::clc
