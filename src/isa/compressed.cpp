#include "isa/compressed.h"

#include <array>

namespace isobar::isa {
namespace {

using Word = std::uint32_t;
using Expansion = std::optional<Word>;

constexpr Word kSp = 2;
constexpr Word kRa = 1;

constexpr Word bits(Word word, unsigned high, unsigned low) {
  return (word >> low) & ((1U << (high - low + 1)) - 1U);
}
/// One bit of the word, moved to position `to`.
constexpr Word bit(Word word, unsigned from, unsigned to) { return ((word >> from) & 1U) << to; }
/// Sign-extends the low `width` bits within 32.
constexpr Word extend(Word value, unsigned width) {
  return static_cast<Word>(static_cast<std::int32_t>(value << (32 - width)) >> (32 - width));
}

// Encoders of the 32-bit formats.
constexpr Word r(Word match, Word rd, Word rs1, Word rs2) {
  return match | rd << 7 | rs1 << 15 | rs2 << 20;
}
constexpr Word i(Word match, Word rd, Word rs1, Word imm) {
  return match | rd << 7 | rs1 << 15 | (imm & 0xfffU) << 20;
}
constexpr Word s(Word match, Word rs1, Word rs2, Word imm) {
  return match | rs1 << 15 | rs2 << 20 | bits(imm, 11, 5) << 25 | bits(imm, 4, 0) << 7;
}
constexpr Word b(Word match, Word rs1, Word imm) {
  return match | rs1 << 15 | bit(imm, 12, 31) | bits(imm, 10, 5) << 25 | bits(imm, 4, 1) << 8 |
         bit(imm, 11, 7);
}
constexpr Word j(Word rd, Word imm) {
  return 0x6fU | rd << 7 | bit(imm, 20, 31) | bits(imm, 10, 1) << 21 | bit(imm, 11, 20) |
         bits(imm, 19, 12) << 12;
}

// Immediates, named after the formats of the chapter. All are scaled already.
constexpr Word imm6(Word w) { return extend(bit(w, 12, 5) | bits(w, 6, 2), 6); }
constexpr Word shamt6(Word w) { return bit(w, 12, 5) | bits(w, 6, 2); }
constexpr Word offset_cl_w(Word w) { return bits(w, 12, 10) << 3 | bit(w, 6, 2) | bit(w, 5, 6); }
constexpr Word offset_cl_d(Word w) { return bits(w, 12, 10) << 3 | bits(w, 6, 5) << 6; }
constexpr Word offset_sp_w(Word w) {
  return bit(w, 12, 5) | bits(w, 6, 4) << 2 | bits(w, 3, 2) << 6;
}
constexpr Word offset_sp_d(Word w) {
  return bit(w, 12, 5) | bits(w, 6, 5) << 3 | bits(w, 4, 2) << 6;
}
constexpr Word store_sp_w(Word w) { return bits(w, 12, 9) << 2 | bits(w, 8, 7) << 6; }
constexpr Word store_sp_d(Word w) { return bits(w, 12, 10) << 3 | bits(w, 9, 7) << 6; }
constexpr Word offset_cj(Word w) {
  return extend(bit(w, 12, 11) | bit(w, 11, 4) | bits(w, 10, 9) << 8 | bit(w, 8, 10) |
                    bit(w, 7, 6) | bit(w, 6, 7) | bits(w, 5, 3) << 1 | bit(w, 2, 5),
                12);
}
constexpr Word offset_cb(Word w) {
  return extend(
      bit(w, 12, 8) | bits(w, 11, 10) << 3 | bits(w, 6, 5) << 6 | bits(w, 4, 3) << 1 | bit(w, 2, 5),
      9);
}

Expansion quadrant0(Word w) {
  const Word rd = bits(w, 4, 2) + 8;
  const Word rs1 = bits(w, 9, 7) + 8;
  switch (bits(w, 15, 13)) {
    case 0: {  // c.addi4spn; a zero immediate is reserved, and 0x0000 is illegal by definition
      const Word imm = bits(w, 12, 11) << 4 | bits(w, 10, 7) << 6 | bit(w, 6, 2) | bit(w, 5, 3);
      if (imm == 0) return {};
      return i(0x13, rd, kSp, imm);
    }
    case 1:
      return i(0x3007, rd, rs1, offset_cl_d(w));  // c.fld
    case 2:
      return i(0x2003, rd, rs1, offset_cl_w(w));  // c.lw
    case 3:
      return i(0x3003, rd, rs1, offset_cl_d(w));  // c.ld
    case 5:
      return s(0x3027, rs1, rd, offset_cl_d(w));  // c.fsd
    case 6:
      return s(0x2023, rs1, rd, offset_cl_w(w));  // c.sw
    case 7:
      return s(0x3023, rs1, rd, offset_cl_d(w));  // c.sd
    default:
      return {};
  }
}

/// c.srli, c.srai, c.andi and the register-register operations of the CA format.
Expansion arithmetic(Word w) {
  const Word rd = bits(w, 9, 7) + 8;
  const Word rs2 = bits(w, 4, 2) + 8;
  switch (bits(w, 11, 10)) {
    case 0:
      return i(0x5013, rd, rd, shamt6(w));
    case 1:
      return i(0x40005013, rd, rd, shamt6(w));
    case 2:
      return i(0x7013, rd, rd, imm6(w));
    default:
      break;
  }
  constexpr std::array<Word, 8> kMatches = {
      0x40000033, 0x4033, 0x6033, 0x7033,  // sub xor or and
      0x4000003b, 0x3b,   0,      0};      // subw addw, two reserved
  const Word match = kMatches[bit(w, 12, 2) | bits(w, 6, 5)];
  if (match == 0) return {};
  return r(match, rd, rd, rs2);
}

Expansion quadrant1(Word w) {
  const Word rd = bits(w, 11, 7);
  switch (bits(w, 15, 13)) {
    case 0:
      return i(0x13, rd, rd, imm6(w));  // c.addi, c.nop
    case 1:                             // c.addiw; rd = 0 is reserved
      if (rd == 0) return {};
      return i(0x1b, rd, rd, imm6(w));
    case 2:
      return i(0x13, rd, 0, imm6(w));  // c.li
    case 3: {
      if (rd == kSp) {  // c.addi16sp
        const Word imm = extend(
            bit(w, 12, 9) | bit(w, 6, 4) | bit(w, 5, 6) | bits(w, 4, 3) << 7 | bit(w, 2, 5), 10);
        if (imm == 0) return {};
        return i(0x13, kSp, kSp, imm);
      }
      const Word imm = imm6(w);  // c.lui
      if (imm == 0) return {};
      return 0x37U | rd << 7 | imm << 12;
    }
    case 4:
      return arithmetic(w);
    case 5:
      return j(0, offset_cj(w));  // c.j
    case 6:
      return b(0x63, bits(w, 9, 7) + 8, offset_cb(w));  // c.beqz
    default:
      return b(0x1063, bits(w, 9, 7) + 8, offset_cb(w));  // c.bnez
  }
}

/// c.jr, c.mv, c.ebreak, c.jalr, c.add.
Expansion jumps_and_moves(Word w) {
  const Word rd = bits(w, 11, 7);
  const Word rs2 = bits(w, 6, 2);
  if (bits(w, 12, 12) == 0) {
    if (rs2 != 0) return r(0x33, rd, 0, rs2);
    if (rd == 0) return {};
    return i(0x67, 0, rd, 0);
  }
  if (rs2 != 0) return r(0x33, rd, rd, rs2);
  if (rd != 0) return i(0x67, kRa, rd, 0);
  return 0x00100073;
}

Expansion quadrant2(Word w) {
  const Word rd = bits(w, 11, 7);
  const Word rs2 = bits(w, 6, 2);
  switch (bits(w, 15, 13)) {
    case 0:
      return i(0x1013, rd, rd, shamt6(w));  // c.slli
    case 1:
      return i(0x3007, rd, kSp, offset_sp_d(w));  // c.fldsp
    case 2:                                       // c.lwsp; rd = 0 is reserved
      if (rd == 0) return {};
      return i(0x2003, rd, kSp, offset_sp_w(w));
    case 3:  // c.ldsp; rd = 0 is reserved
      if (rd == 0) return {};
      return i(0x3003, rd, kSp, offset_sp_d(w));
    case 4:
      return jumps_and_moves(w);
    case 5:
      return s(0x3027, kSp, rs2, store_sp_d(w));  // c.fsdsp
    case 6:
      return s(0x2023, kSp, rs2, store_sp_w(w));  // c.swsp
    default:
      return s(0x3023, kSp, rs2, store_sp_d(w));  // c.sdsp
  }
}

}  // namespace

std::optional<std::uint32_t> expand_compressed(std::uint16_t word) {
  switch (word & 3U) {
    case 0:
      return quadrant0(word);
    case 1:
      return quadrant1(word);
    case 2:
      return quadrant2(word);
    default:
      return {};
  }
}

}  // namespace isobar::isa
