// pc -> source line, in the section isa::kLineSection. The compiler distils it from DWARF so that
// neither the driver nor the simulator needs a DWARF reader.
// Format (little-endian): u32 number of files; each: u32 length, bytes; u32 number of rows; each:
// u64 pc, u32 file index, u32 line (0: no source), sorted by pc. A row covers up to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace isobar::elf {

struct SourceLocation {
  std::string file;
  std::uint32_t line = 0;
};

class LineTable {
 public:
  struct Row {
    std::uint64_t pc = 0;
    std::uint32_t file = 0;
    std::uint32_t line = 0;
  };
  std::vector<std::string> files;
  std::vector<Row> rows;

  [[nodiscard]] std::vector<std::byte> serialise() const;
  /// Throws UserError on anything malformed.
  [[nodiscard]] static LineTable parse(std::span<const std::byte> section);
  [[nodiscard]] std::optional<SourceLocation> find(std::uint64_t pc) const;
};

}  // namespace isobar::elf
