// A RISC-V ELF executable, read without any library: segments, symbols and named sections.
// Reads 64-bit little-endian ET_EXEC and static ET_DYN-less executables; anything else is refused
// by name. Every offset and size is checked against the file before use (this reader is fuzzed).
// Reference: System V ABI gABI chapters 4 and 5; RISC-V ELF psABI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::elf {

struct Segment {
  std::uint64_t address = 0;       // where it is loaded
  std::uint64_t memory_size = 0;   // bytes beyond the file's are zero
  std::vector<std::byte> content;  // file bytes, content.size() <= memory_size
  bool readable = false;
  bool writable = false;
  bool executable = false;
};

struct Symbol {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  bool is_function = false;
};

class Image {
 public:
  /// Parses a whole file. Throws UserError "<origin>: not a RISC-V executable: <why>".
  [[nodiscard]] static Image parse(std::span<const std::byte> file, std::string_view origin);

  [[nodiscard]] std::uint64_t entry() const { return entry_; }
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const std::vector<Symbol>& symbols() const { return symbols_; }
  [[nodiscard]] std::optional<std::uint64_t> symbol_address(std::string_view name) const;
  /// The function symbol that covers `pc`, for diagnoses.
  [[nodiscard]] const Symbol* function_at(std::uint64_t pc) const;
  /// The bytes of a non-NOBITS section, or nothing.
  [[nodiscard]] std::optional<std::span<const std::byte>> section(std::string_view name) const;

 private:
  std::uint64_t entry_ = 0;
  std::vector<Segment> segments_;
  std::vector<Symbol> symbols_;  // sorted by address
  std::map<std::string, std::vector<std::byte>, std::less<>> sections_;
};

}  // namespace isobar::elf
