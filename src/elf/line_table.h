// pc -> source line, in the section isa::kLineSection. The compiler distils it from DWARF so that
// neither the driver nor the simulator needs a DWARF reader.
// Format (little-endian): u32 number of files; each: u32 length, bytes; u32 number of rows; each:
// u64 pc, u32 file index, u32 line (0: no source), sorted by pc. A row covers up to the next.
//
// The text of those lines is in the section isa::kSourceSection, of this and later versions:
// u32 number of lines; each: u32 file index, u32 line, u32 length, bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace isobar::elf {

struct SourceLocation {
  std::string file;
  std::uint32_t line = 0;
  std::string text;  // that line without blanks at either end; empty where nobody kept it
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
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> texts;  // of file, line

  [[nodiscard]] std::vector<std::byte> serialise() const;
  /// Throws UserError on anything malformed.
  [[nodiscard]] static LineTable parse(std::span<const std::byte> section);
  [[nodiscard]] std::vector<std::byte> serialise_texts() const;
  /// Throws UserError on anything malformed.
  void parse_texts(std::span<const std::byte> section);
  [[nodiscard]] std::optional<SourceLocation> find(std::uint64_t pc) const;
};

}  // namespace isobar::elf
