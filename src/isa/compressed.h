// Compressed instructions are short spellings of 32-bit ones: this expands them, so that nothing
// else knows they exist. Reference: RISC-V ISA Manual, Volume I, chapter "C", RV64C with Zcd.
#pragma once

#include <cstdint>
#include <optional>

namespace isobar::isa {

/// The 32-bit instruction a 16-bit one stands for, or nothing where the encoding is reserved or
/// illegal (0x0000 included). Hints expand to what they say, which does nothing.
[[nodiscard]] std::optional<std::uint32_t> expand_compressed(std::uint16_t word);

}  // namespace isobar::isa
