// What each integer instruction computes, as pure functions that can be held against the manual:
// one case per opcode. `b` is rs2, or the immediate of an immediate form. All arithmetic is on
// unsigned numbers, where wrapping is defined.
// Reference: RISC-V ISA Manual, Volume I, chapters "RV32I", "RV64I", "M", "A", "B" and "Zicond".
#pragma once

#include <bit>
#include <cstdint>

#include "isa/opcodes.h"

namespace isobar::isa {

/// Throws std::logic_error: a function was asked for an instruction that is not among its own.
/// Where that happens at compile time it is an error of the build (hart.cpp asks them all).
[[noreturn]] void unknown_opcode(const char* who, Opcode opcode);

namespace integer {

using U64 = std::uint64_t;
using U32 = std::uint32_t;

constexpr std::int64_t as_signed(U64 value) { return static_cast<std::int64_t>(value); }
constexpr U64 as_unsigned(std::int64_t value) { return static_cast<U64>(value); }
constexpr U32 low(U64 value) { return static_cast<U32>(value); }
/// The low word, sign-extended, as every W instruction leaves it.
constexpr U64 word(U64 value) { return as_unsigned(static_cast<std::int32_t>(low(value))); }

constexpr U64 multiply_high_unsigned(U64 a, U64 b) {
  return static_cast<U64>((static_cast<unsigned __int128>(a) * b) >> 64U);
}
// A negative factor counts 2^64 too much as an unsigned one: take the other factor off the top.
constexpr U64 multiply_high_signed_unsigned(U64 a, U64 b) {
  return multiply_high_unsigned(a, b) - (as_signed(a) < 0 ? b : 0);
}
constexpr U64 multiply_high(U64 a, U64 b) {
  return multiply_high_signed_unsigned(a, b) - (as_signed(b) < 0 ? a : 0);
}

// Division never traps: by zero the quotient is all ones and the remainder the dividend; the one
// overflow gives the dividend and 0.
constexpr bool overflows(U64 a, U64 b) { return a == 1ULL << 63U && b == ~0ULL; }
constexpr U64 divide(U64 a, U64 b) {
  if (b == 0) return ~0ULL;
  return overflows(a, b) ? a : as_unsigned(as_signed(a) / as_signed(b));
}
constexpr U64 divide_unsigned(U64 a, U64 b) { return b == 0 ? ~0ULL : a / b; }
constexpr U64 remainder(U64 a, U64 b) {
  if (b == 0) return a;
  return overflows(a, b) ? 0 : as_unsigned(as_signed(a) % as_signed(b));
}
constexpr U64 remainder_unsigned(U64 a, U64 b) { return b == 0 ? a : a % b; }

constexpr U64 shift_right_signed(U64 a, unsigned by) { return as_unsigned(as_signed(a) >> by); }
constexpr U64 or_combine(U64 a) {
  U64 result = 0;
  for (unsigned i = 0; i < 64; i += 8)
    if (((a >> i) & 0xffU) != 0) result |= 0xffULL << i;
  return result;
}
constexpr U64 reverse_bytes(U64 a) {
  U64 result = 0;
  for (unsigned i = 0; i < 64; i += 8) result |= ((a >> i) & 0xffU) << (56 - i);
  return result;
}

}  // namespace integer

/// The new value of rd for a computation on integers: everything of cost class IntAlu, IntMul and
/// IntDiv except auipc, which needs the pc.
constexpr std::uint64_t evaluate_integer(Opcode opcode, std::uint64_t a, std::uint64_t b) {
  using namespace integer;
  const auto shift = static_cast<unsigned>(b & 63U);
  const auto shift_word = static_cast<unsigned>(b & 31U);
  switch (opcode) {
      // clang-format off
    case Opcode::kLui: return b;
    case Opcode::kAddi: case Opcode::kAdd: return a + b;
    case Opcode::kSub: return a - b;
    case Opcode::kSlti: case Opcode::kSlt: return as_signed(a) < as_signed(b) ? 1 : 0;
    case Opcode::kSltiu: case Opcode::kSltu: return a < b ? 1 : 0;
    case Opcode::kXori: case Opcode::kXor: return a ^ b;
    case Opcode::kOri: case Opcode::kOr: return a | b;
    case Opcode::kAndi: case Opcode::kAnd: return a & b;
    case Opcode::kSlli: case Opcode::kSll: return a << shift;
    case Opcode::kSrli: case Opcode::kSrl: return a >> shift;
    case Opcode::kSrai: case Opcode::kSra: return shift_right_signed(a, shift);
    case Opcode::kAddiw: case Opcode::kAddw: return word(a + b);
    case Opcode::kSubw: return word(a - b);
    case Opcode::kSlliw: case Opcode::kSllw: return word(a << shift_word);
    case Opcode::kSrliw: case Opcode::kSrlw: return word(low(a) >> shift_word);
    case Opcode::kSraiw: case Opcode::kSraw: return shift_right_signed(word(a), shift_word);
    // M
    case Opcode::kMul: return a * b;
    case Opcode::kMulh: return multiply_high(a, b);
    case Opcode::kMulhsu: return multiply_high_signed_unsigned(a, b);
    case Opcode::kMulhu: return multiply_high_unsigned(a, b);
    case Opcode::kDiv: return divide(a, b);
    case Opcode::kDivu: return divide_unsigned(a, b);
    case Opcode::kRem: return remainder(a, b);
    case Opcode::kRemu: return remainder_unsigned(a, b);
    case Opcode::kMulw: return word(a * b);
    case Opcode::kDivw: return word(divide(word(a), word(b)));
    case Opcode::kDivuw: return word(divide_unsigned(low(a), low(b)));
    case Opcode::kRemw: return word(remainder(word(a), word(b)));
    case Opcode::kRemuw: return word(remainder_unsigned(low(a), low(b)));
    // Zba
    case Opcode::kSh1add: return (a << 1U) + b;
    case Opcode::kSh2add: return (a << 2U) + b;
    case Opcode::kSh3add: return (a << 3U) + b;
    case Opcode::kAddUw: return U64{low(a)} + b;
    case Opcode::kSh1addUw: return (U64{low(a)} << 1U) + b;
    case Opcode::kSh2addUw: return (U64{low(a)} << 2U) + b;
    case Opcode::kSh3addUw: return (U64{low(a)} << 3U) + b;
    case Opcode::kSlliUw: return U64{low(a)} << shift;
    // Zbb
    case Opcode::kAndn: return a & ~b;
    case Opcode::kOrn: return a | ~b;
    case Opcode::kXnor: return ~(a ^ b);
    case Opcode::kMin: return as_signed(a) < as_signed(b) ? a : b;
    case Opcode::kMinu: return a < b ? a : b;
    case Opcode::kMax: return as_signed(a) < as_signed(b) ? b : a;
    case Opcode::kMaxu: return a < b ? b : a;
    case Opcode::kRol: return std::rotl(a, static_cast<int>(shift));
    case Opcode::kRor: case Opcode::kRori: return std::rotr(a, static_cast<int>(shift));
    case Opcode::kRolw: return word(std::rotl(low(a), static_cast<int>(shift_word)));
    case Opcode::kRorw: case Opcode::kRoriw:
      return word(std::rotr(low(a), static_cast<int>(shift_word)));
    case Opcode::kClz: return static_cast<U64>(std::countl_zero(a));
    case Opcode::kCtz: return static_cast<U64>(std::countr_zero(a));
    case Opcode::kCpop: return static_cast<U64>(std::popcount(a));
    case Opcode::kClzw: return static_cast<U64>(std::countl_zero(low(a)));
    case Opcode::kCtzw: return static_cast<U64>(std::countr_zero(low(a)));
    case Opcode::kCpopw: return static_cast<U64>(std::popcount(low(a)));
    case Opcode::kSextB: return as_unsigned(static_cast<std::int8_t>(a & 0xffU));
    case Opcode::kSextH: return as_unsigned(static_cast<std::int16_t>(a & 0xffffU));
    case Opcode::kZextH: return a & 0xffffU;
    case Opcode::kOrcB: return or_combine(a);
    case Opcode::kRev8: return reverse_bytes(a);
    // Zbs
    case Opcode::kBclr: case Opcode::kBclri: return a & ~(1ULL << shift);
    case Opcode::kBext: case Opcode::kBexti: return (a >> shift) & 1U;
    case Opcode::kBinv: case Opcode::kBinvi: return a ^ (1ULL << shift);
    case Opcode::kBset: case Opcode::kBseti: return a | (1ULL << shift);
    // Zicond
    case Opcode::kCzeroEqz: return b == 0 ? 0 : a;
    case Opcode::kCzeroNez: return b != 0 ? 0 : a;
    // clang-format on
    default:
      break;
  }
  unknown_opcode("evaluate_integer", opcode);
}

/// Whether a conditional branch jumps.
constexpr bool branch_taken(Opcode opcode, std::uint64_t a, std::uint64_t b) {
  using integer::as_signed;
  switch (opcode) {
    case Opcode::kBeq:
      return a == b;
    case Opcode::kBne:
      return a != b;
    case Opcode::kBlt:
      return as_signed(a) < as_signed(b);
    case Opcode::kBge:
      return as_signed(a) >= as_signed(b);
    case Opcode::kBltu:
      return a < b;
    case Opcode::kBgeu:
      return a >= b;
    default:
      break;
  }
  unknown_opcode("branch_taken", opcode);
}

/// What an AMO leaves in memory. For words only the low 32 bits of the operands and result count.
constexpr std::uint64_t evaluate_atomic(Opcode opcode, std::uint64_t old, std::uint64_t operand) {
  using integer::as_signed;
  using integer::low;
  using integer::word;
  const auto smaller = [](std::uint64_t a, std::uint64_t b) {
    return as_signed(a) < as_signed(b) ? a : b;
  };
  const auto larger = [](std::uint64_t a, std::uint64_t b) {
    return as_signed(a) < as_signed(b) ? b : a;
  };
  switch (opcode) {
      // clang-format off
    case Opcode::kAmoswapW: case Opcode::kAmoswapD: return operand;
    case Opcode::kAmoaddW: case Opcode::kAmoaddD: return old + operand;
    case Opcode::kAmoxorW: case Opcode::kAmoxorD: return old ^ operand;
    case Opcode::kAmoandW: case Opcode::kAmoandD: return old & operand;
    case Opcode::kAmoorW: case Opcode::kAmoorD: return old | operand;
    case Opcode::kAmominD: return smaller(old, operand);
    case Opcode::kAmomaxD: return larger(old, operand);
    case Opcode::kAmominuD: return old < operand ? old : operand;
    case Opcode::kAmomaxuD: return old < operand ? operand : old;
    case Opcode::kAmominW: return smaller(word(old), word(operand));
    case Opcode::kAmomaxW: return larger(word(old), word(operand));
    case Opcode::kAmominuW: return low(old) < low(operand) ? old : operand;
    case Opcode::kAmomaxuW: return low(old) < low(operand) ? operand : old;
    // clang-format on
    default:
      break;
  }
  unknown_opcode("evaluate_atomic", opcode);
}

}  // namespace isobar::isa
