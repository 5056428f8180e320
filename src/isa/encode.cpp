#include "isa/encode.h"

namespace isobar::isa {
namespace {

/// Bits high..low of a value, moved to position `to`.
constexpr std::uint32_t field(std::uint64_t value, unsigned high, unsigned low, unsigned to) {
  return static_cast<std::uint32_t>((value >> low) & ((1ULL << (high - low + 1)) - 1)) << to;
}

std::uint32_t immediate_bits(Format format, std::uint64_t v) {
  switch (format) {
    case Format::kI:
    case Format::kCsr:
    case Format::kCsrImmediate:
    case Format::kFence:
      return field(v, 11, 0, 20);
    case Format::kShift:
      return field(v, 5, 0, 20);
    case Format::kS:
      return field(v, 11, 5, 25) | field(v, 4, 0, 7);
    case Format::kB:
      return field(v, 12, 12, 31) | field(v, 10, 5, 25) | field(v, 4, 1, 8) | field(v, 11, 11, 7);
    case Format::kU:
      return field(v, 31, 12, 12);
    case Format::kJ:
      return field(v, 20, 20, 31) | field(v, 10, 1, 21) | field(v, 11, 11, 20) |
             field(v, 19, 12, 12);
    case Format::kAtomic:
      return field(v, 1, 0, 25);
    case Format::kR:
    case Format::kR4:
    case Format::kNone:
      return 0;
  }
  return 0;
}

}  // namespace

std::uint32_t encode(const Instruction& in) {
  const InstructionInfo& row = info(in.opcode);
  std::uint32_t word = immediate_bits(row.format, static_cast<std::uint64_t>(in.immediate));
  if (row.rd != RegisterFile::kNone) word |= field(in.rd, 4, 0, 7);
  if (row.rs1 != RegisterFile::kNone || row.format == Format::kCsrImmediate)
    word |= field(in.rs1, 4, 0, 15);
  if (row.rs2 != RegisterFile::kNone) word |= field(in.rs2, 4, 0, 20);
  if (row.rs3 != RegisterFile::kNone) word |= field(in.rs3, 4, 0, 27);
  if (row.has_rounding) word |= field(in.rounding, 2, 0, 12);
  return (word & ~row.mask) | row.match;
}

}  // namespace isobar::isa
