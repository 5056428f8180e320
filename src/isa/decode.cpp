// Decoding: find the row whose match and mask fit, then take the operands its format names.
// Rows are bucketed by major opcode once, so a look-up scans a few rows; programs are decoded once.
#include <array>
#include <vector>

#include "isa/compressed.h"
#include "isa/instruction.h"

namespace isobar::isa {
namespace {

constexpr std::uint32_t bits(std::uint32_t word, unsigned high, unsigned low) {
  return (word >> low) & ((1U << (high - low + 1)) - 1U);
}

/// Sign-extends the low `width` bits.
constexpr std::int64_t sign_extend(std::uint32_t value, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >> shift;
}

constexpr std::int64_t immediate_b(std::uint32_t w) {
  return sign_extend(
      bits(w, 31, 31) << 12 | bits(w, 7, 7) << 11 | bits(w, 30, 25) << 5 | bits(w, 11, 8) << 1, 13);
}
constexpr std::int64_t immediate_j(std::uint32_t w) {
  return sign_extend(
      bits(w, 31, 31) << 20 | bits(w, 19, 12) << 12 | bits(w, 20, 20) << 11 | bits(w, 30, 21) << 1,
      21);
}

std::int64_t immediate_of(Format format, std::uint32_t w) {
  switch (format) {
    case Format::kI:
      return sign_extend(bits(w, 31, 20), 12);
    case Format::kShift:
      return bits(w, 25, 20);  // the row's mask keeps bit 25 zero for words
    case Format::kS:
      return sign_extend(bits(w, 31, 25) << 5 | bits(w, 11, 7), 12);
    case Format::kB:
      return immediate_b(w);
    case Format::kU:
      return sign_extend(w & 0xfffff000U, 32);
    case Format::kJ:
      return immediate_j(w);
    case Format::kCsr:
    case Format::kCsrImmediate:
    case Format::kFence:
      return bits(w, 31, 20);
    case Format::kAtomic:
      return bits(w, 26, 25);  // aq, rl
    case Format::kR:
    case Format::kR4:
    case Format::kNone:
      return 0;
  }
  return 0;
}

using Buckets = std::array<std::vector<const InstructionInfo*>, 128>;

const Buckets& buckets() {
  static const Buckets by_major_opcode = [] {
    Buckets result;
    for (const InstructionInfo& row : instruction_table())
      result[row.match & 0x7fU].push_back(&row);
    return result;
  }();
  return by_major_opcode;
}

Instruction operands_of(const InstructionInfo& row, std::uint32_t word) {
  Instruction result;
  result.opcode = row.opcode;
  result.rd = row.rd != RegisterFile::kNone ? static_cast<std::uint8_t>(bits(word, 11, 7))
                                            : std::uint8_t{0};
  if (row.rs1 != RegisterFile::kNone || row.format == Format::kCsrImmediate) {
    result.rs1 = static_cast<std::uint8_t>(bits(word, 19, 15));
  }
  if (row.rs2 != RegisterFile::kNone) result.rs2 = static_cast<std::uint8_t>(bits(word, 24, 20));
  if (row.rs3 != RegisterFile::kNone) result.rs3 = static_cast<std::uint8_t>(bits(word, 31, 27));
  if (row.has_rounding) result.rounding = static_cast<std::uint8_t>(bits(word, 14, 12));
  result.immediate = immediate_of(row.format, word);
  return result;
}

Instruction decode_word(std::uint32_t word) {
  for (const InstructionInfo* row : buckets()[word & 0x7fU]) {
    if ((word & row->mask) != row->match) continue;
    const Instruction result = operands_of(*row, word);
    // Rounding modes 5 and 6 are reserved (chapter "F", table "Rounding mode encoding").
    if (row->has_rounding && (result.rounding == 5 || result.rounding == 6)) break;
    return result;
  }
  return {};
}

}  // namespace

Instruction decode(std::uint32_t word) {
  const bool compressed = (word & 3U) != 3U;
  Instruction result;
  if (compressed) {
    if (const auto expanded = expand_compressed(static_cast<std::uint16_t>(word))) {
      result = decode_word(*expanded);
    }
    result.length = 2;
    result.word = word & 0xffffU;
  } else {
    result = decode_word(word);
    result.word = word;
  }
  return result;
}

}  // namespace isobar::isa
