// The smallest writer of RISC-V executables: segments and an entry, no sections, no symbols. For
// tests and tools that make programs word by word. Reference: System V gABI, chapters 4 and 5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "elf/elf_image.h"

namespace isobar::elf {

/// A file that Image::parse, Linux and QEMU load. Addresses must be multiples of 4096.
[[nodiscard]] std::vector<std::byte> write_executable(std::uint64_t entry,
                                                      std::span<const Segment> segments);

}  // namespace isobar::elf
